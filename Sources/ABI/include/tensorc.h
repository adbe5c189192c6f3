int tensorc_abi_version(void);
