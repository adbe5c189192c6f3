#ifndef TENSOR_PNG_SHIM_H
#define TENSOR_PNG_SHIM_H
#include <png.h>
#endif
