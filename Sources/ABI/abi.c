int tensorc_abi_version(void) { return 1; }
