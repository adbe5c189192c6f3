"""The structs of the C interface, version 1: the header beside every compiled library says what they mean."""

import ctypes
from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_uint32, c_uint64, c_void_p

VERSION = 1
OK, BUFFER_TOO_SMALL = 0, 5
COMPUTED = 1  # a symbol's flag

Allocate = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_uint64, c_uint64)


class Tensor(Structure):
    _fields_ = [("data", c_void_p), ("capacity", c_uint64), ("element_type", c_int32), ("rank", c_int32),
                ("dimensions", POINTER(c_int64)), ("strides", POINTER(c_int64))]


class Error(Structure):
    _fields_ = [("size", c_uint64), ("code", c_int32), ("argument", c_int32), ("needed", c_uint64),
                ("id", c_char * 64), ("node", c_char * 256), ("text", c_char * 1024)]


class Call(Structure):
    _fields_ = [("size", c_uint64), ("inputs", POINTER(Tensor)), ("outputs", POINTER(Tensor)),
                ("input_count", c_uint32), ("output_count", c_uint32), ("workspace", c_void_p),
                ("workspace_size", c_uint64), ("threads", c_int32), ("flags", c_uint32), ("allocate", Allocate),
                ("allocator_context", c_void_p)]


class Dimension(Structure):
    _fields_ = [("size", c_int64), ("formula", c_char_p), ("symbol", c_int32), ("reserved", c_int32)]


class Value(Structure):
    _fields_ = [("name", c_char_p), ("element_type", c_int32), ("rank", c_int32), ("dimensions", POINTER(Dimension)),
                ("flags", c_uint32), ("reserved", c_uint32)]


class Symbol(Structure):
    _fields_ = [("name", c_char_p), ("minimum", c_int64), ("maximum", c_int64), ("divisor", c_int64),
                ("flags", c_uint32), ("reserved", c_uint32)]


class Description(Structure):
    _fields_ = [("size", c_uint64), ("abi_version", c_uint32), ("thread_mode", c_int32), ("tool_version", c_char_p),
                ("model_name", c_char_p), ("target", c_char_p), ("inputs", POINTER(Value)),
                ("outputs", POINTER(Value)), ("symbols", POINTER(Symbol)), ("donations", c_void_p),
                ("input_count", c_uint32), ("output_count", c_uint32), ("symbol_count", c_uint32),
                ("donation_count", c_uint32)]


class Library(Structure):
    _fields_ = [("size", c_uint64), ("abi_version", c_uint32), ("reserved", c_uint32),
                ("describe", ctypes.CFUNCTYPE(POINTER(Description))),
                ("create", ctypes.CFUNCTYPE(c_void_p, c_void_p, POINTER(Error))),
                ("output_bounds", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(Error))),
                ("workspace_size", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(c_uint64),
                                                    POINTER(Error))),
                ("run", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(Error))),
                ("destroy", ctypes.CFUNCTYPE(None, c_void_p))]
