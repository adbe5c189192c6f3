// Calls a compiled model from C++: a small wrapper that owns the memory and throws, then one call of it.
//
//     program [SYMBOL=SIZE | FILE.npy]...
//
// as in ../c, whose reader of .npy files it shares.
#include MODEL_HEADER
#include "../c/npy.h"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#define JOIN(name, function) name##_##function
#define EXPAND(name, function) JOIN(name, function)
#define MODEL_FUNCTION(function) EXPAND(MODEL, function)

struct Tensor {
  int32_t element_type = TENSORC_F32;
  std::vector<int64_t> shape;
  std::vector<unsigned char> bytes;
};

static uint64_t byte_count(int32_t element_type, const std::vector<int64_t> &shape) {
  static const int bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
  uint64_t count = 1;
  for (int64_t size : shape) count *= static_cast<uint64_t>(size);
  return (count * static_cast<uint64_t>(bits[element_type]) + 7) / 8;
}

/// The model and memory for its calls.
class Model {
public:
  Model() : model_(MODEL_FUNCTION(create)(nullptr, &error_)) {
    if (!model_) fail();
  }
  ~Model() { MODEL_FUNCTION(destroy)(model_); }
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  static const tensorc_description &description() { return *MODEL_FUNCTION(describe)(); }

  /// Runs the model; throws std::runtime_error with the library's message.
  std::vector<Tensor> operator()(std::vector<Tensor> inputs) {
    std::vector<Tensor> outputs(description().output_count);
    std::vector<tensorc_tensor> in, out;
    for (Tensor &tensor : inputs) in.push_back(view(tensor));
    for (uint32_t i = 0; i < description().output_count; i++) {
      outputs[i].element_type = description().outputs[i].element_type;
      outputs[i].shape.resize(static_cast<size_t>(description().outputs[i].rank));
      out.push_back(view(outputs[i]));
    }
    tensorc_call call = {};
    call.size = sizeof call;
    call.inputs = in.data();
    call.outputs = out.data();
    call.input_count = static_cast<uint32_t>(in.size());
    call.output_count = static_cast<uint32_t>(out.size());

    check(MODEL_FUNCTION(output_bounds)(model_, &call, &error_));
    for (size_t i = 0; i < outputs.size(); i++) {
      for (int64_t size : outputs[i].shape)
        if (size < 0) throw std::runtime_error("this sample wants bounded outputs");
      outputs[i].bytes.resize(byte_count(outputs[i].element_type, outputs[i].shape));
      out[i] = view(outputs[i]);
    }
    check(MODEL_FUNCTION(workspace_size)(model_, &call, &call.workspace_size, &error_));
    if (workspace_.size() < call.workspace_size) workspace_.resize(call.workspace_size);
    call.workspace = workspace_.data();
    check(MODEL_FUNCTION(run)(model_, &call, &error_));
    return outputs;
  }

private:
  static tensorc_error empty_error() {
    tensorc_error error = {};
    error.size = sizeof error;
    return error;
  }

  static tensorc_tensor view(Tensor &tensor) {
    return {tensor.bytes.data(), tensor.bytes.size(),  tensor.element_type, static_cast<int32_t>(tensor.shape.size()),
            tensor.shape.data(), nullptr};
  }

  void check(int32_t code) const {
    if (code != TENSORC_OK) fail();
  }

  void fail() const {
    std::string place = *error_.node ? std::string("node '") + error_.node + "': " : "";
    throw std::runtime_error(place + error_.text + " [" + error_.id + "]");
  }

  tensorc_error error_ = empty_error();
  const tensorc_model *model_;
  std::vector<unsigned char> workspace_;
};

static Tensor read(const std::string &path, const tensorc_value &value) {
  // What numpy calls the element types, after the byte order.
  static const char *const types[] = {"",   "f8", "f4", "f2", "",   "i1", "i2", "i4",
                                      "i8", "u1", "u2", "u4", "u8", "b1", "",   ""};
  npy_array array;
  if (!npy_read(path.c_str(), &array)) throw std::runtime_error("cannot read " + path);
  Tensor tensor;
  tensor.element_type = value.element_type;
  tensor.shape.assign(array.shape, array.shape + array.rank);
  auto data = static_cast<unsigned char *>(array.data);
  tensor.bytes.assign(data, data + array.bytes);
  std::free(array.data);
  if (std::strcmp(array.type + 1, types[value.element_type]) || array.rank != value.rank)
    throw std::runtime_error(path + " does not hold the type of '" + value.name + "'");
  return tensor;
}

static Tensor make(const tensorc_value &value, const std::map<std::string, int64_t> &sizes) {
  Tensor tensor;
  tensor.element_type = value.element_type;
  for (int32_t i = 0; i < value.rank; i++) {
    const tensorc_dimension &dimension = value.dimensions[i];
    auto given = sizes.find(dimension.formula);
    tensor.shape.push_back(dimension.size >= 0 ? dimension.size : given != sizes.end() ? given->second : 2);
  }
  tensor.bytes.resize(byte_count(tensor.element_type, tensor.shape));
  const float one = 1;
  if (tensor.element_type == TENSORC_F32)
    for (size_t i = 0; i < tensor.bytes.size(); i += sizeof one) std::memcpy(&tensor.bytes[i], &one, sizeof one);
  return tensor;
}

static void print(const char *name, const Tensor &tensor) {
  std::cout << name << ": [";
  for (size_t i = 0; i < tensor.shape.size(); i++) std::cout << (i ? ", " : "") << tensor.shape[i];
  std::cout << "]";
  for (size_t i = 0; i < 8 && tensor.element_type == TENSORC_F32 && i * 4 < tensor.bytes.size(); i++) {
    float value;
    std::memcpy(&value, &tensor.bytes[i * 4], sizeof value);
    std::cout << " " << value;
  }
  std::cout << "\n";
}

/// Inputs from the files named on the command line; the others are made.
static std::vector<Tensor> inputs_from(int argc, char **argv) {
  std::vector<std::string> files;
  std::map<std::string, int64_t> sizes;
  for (int i = 1; i < argc; i++) {
    std::string argument = argv[i];
    size_t equals = argument.find('=');
    if (equals == std::string::npos)
      files.push_back(argument);
    else
      sizes[argument.substr(0, equals)] = std::stoll(argument.substr(equals + 1));
  }
  std::vector<Tensor> inputs;
  for (uint32_t i = 0; i < Model::description().input_count; i++) {
    const tensorc_value &value = Model::description().inputs[i];
    inputs.push_back(i < files.size() ? read(files[i], value) : make(value, sizes));
  }
  return inputs;
}

int main(int argc, char **argv) try {
  Model model;
  std::vector<Tensor> outputs = model(inputs_from(argc, argv));
  for (size_t i = 0; i < outputs.size(); i++) print(Model::description().outputs[i].name, outputs[i]);
} catch (const std::exception &error) {
  std::cerr << "error: " << error.what() << "\n";
  return 1;
}
