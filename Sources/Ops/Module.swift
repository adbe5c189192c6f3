// The module's first file; the modules are filled one by one.
