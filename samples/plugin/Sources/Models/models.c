/* A C target wants a C file. The code of the models comes from TensorcPlugin. */
#include "models.h"
