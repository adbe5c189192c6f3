#!/usr/bin/env python3
"""Damages ONNX models and takes them through the compiler: no trap, no hang, no memory without end.

    .venv/bin/python scripts/fuzz_onnx.py [--count N] [--first SEED] [--jobs N] [--keep DIR] [--sanitize N] [--seed-names]

A seed chooses a model (the node fixtures of the tests, ONNX's own node tests, small trained models) and the damage:
fields of its messages set to extremes, inputs dropped, swapped, renamed and repeated, nodes moved and repeated,
initialisers cut, types and opsets changed, or bytes of the file. Each goes through what `inspect`, `compile -o x.c` and
`opt` do, in a child that may use 2 GiB of address space and 10 seconds of a processor for a model. Many models share a child
(.build/release/onnx-fuzz); one that ends it is tried once more in a child of its own.

--sanitize N compiles the C of N models that compile with AddressSanitizer and calls it with numbers made up
(scripts/fuzz_driver.c). --keep DIR keeps the models that failed. The exit code is 1 where there is a finding.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import queue
import random
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import onnx
from onnx import AttributeProto, TensorProto

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKER = os.environ.get("ONNX_FUZZ", os.path.join(ROOT, ".build", "release", "onnx-fuzz"))
NODE_TESTS = os.environ.get("ONNX_NODE_TESTS", "/usr/lib/python3/dist-packages/onnx/backend/test/data/node")
MEMORY = 2 << 30
SECONDS = 10
# Larger models are one case of what small ones are a hundred of.
LARGEST = 4 << 20

INTEGERS = [0, 1, -1, 2, -2, 3, 7, 13, 64, 1000, 4096, 65535, 65536, 1 << 24, (1 << 31) - 1, 1 << 31, -(1 << 31),
            1 << 32, 1 << 40, 1 << 53, 1 << 61, (1 << 62) + 1, (1 << 63) - 1, -(1 << 63), -(1 << 62)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e-8, 3.4e38, -3.4e38, 1e30, 2.0**31, 2.0**63,
          float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "linear", "nearest", "cubic", "reverse", "bidirectional",
         "add", "mul", "max", "constant", "edge", "reflect", "wrap", "ij,jk->ik", "...->", "i" * 3000, "\u00e9", "half_pixel"]
OPERATORS = ["Add", "Mul", "Div", "MatMul", "Relu", "Softmax", "Concat", "Reshape", "Transpose", "Gemm", "Flatten", "Conv",
             "ConvTranspose", "Gather", "GatherND", "Slice", "ReduceSum", "Cast", "Unsqueeze", "Squeeze", "Shape", "Split",
             "LSTM", "GRU", "RNN", "Where", "Tile", "Expand", "Range", "ConstantOfShape", "TopK", "Resize", "Upsample",
             "Pad", "OneHot", "EyeLike", "Trilu", "CumSum", "DepthToSpace", "SpaceToDepth", "MaxPool", "AveragePool",
             "LpPool", "ScatterND", "ScatterElements", "Einsum", "LayerNormalization", "BatchNormalization", "Loop",
             "Scan", "If", "DFT", "STFT", "MelWeightMatrix", "RoiAlign", "GridSample", "QuantizeLinear",
             "DequantizeLinear", "QLinearConv", "ConvInteger", "NonZero", "Compress", "ArgMax", "Hardmax", "Dropout",
             "RandomUniform", "Bernoulli", "SplitToSequence", "SequenceAt", "ConcatFromSequence", "Nonsense", ""]
TYPES = [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.INT8,
         TensorProto.INT32, TensorProto.INT64, TensorProto.UINT8, TensorProto.UINT64, TensorProto.BOOL,
         TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.UINT4, TensorProto.INT4, TensorProto.FLOAT8E4M3FN, 0, 99]


class Damage:
    """Changes a model in place; what it does follows from its random numbers alone."""

    def __init__(self, numbers):
        self.numbers = numbers

    def apply(self, model):
        changes = [
            (6, self.attribute), (4, self.inputs), (2, self.outputs), (5, self.dimensions), (2, self.types),
            (4, self.initializer), (2, self.node_order), (2, self.operator), (1, self.opset), (2, self.symbols),
            (1, self.graph_ends), (1, self.new_attribute), (2, self.constant_shape), (1, self.functions),
        ]
        for _ in range(self.numbers.choice([1, 1, 1, 2, 2, 3, 5])):
            change = self.numbers.choices([c for _, c in changes], [w for w, _ in changes])[0]
            try:
                change(model)
            except Exception:
                pass  # there is nothing of the kind to change

    # What there is to change

    def graph(self, model):
        """The main graph mostly, else one inside a node or a function."""
        graphs = [model.graph]
        for graph in graphs:
            for node in graph.node:
                for attribute in node.attribute:
                    if attribute.HasField("g"):
                        graphs.append(attribute.g)
            if len(graphs) > 20:
                break
        if self.numbers.random() < 0.15 and model.functions:
            return self.numbers.choice(list(model.functions))
        return self.numbers.choice(graphs)

    def node(self, model):
        return self.numbers.choice(self.graph(model).node)

    def name(self, model):
        graph = self.graph(model)
        names = [o for n in graph.node for o in n.output]
        if isinstance(graph, onnx.GraphProto):
            names += [i.name for i in graph.initializer] + [i.name for i in graph.input]
        return self.numbers.choice(names + ["", "missing"])

    def integer(self):
        return self.numbers.choice(INTEGERS) if self.numbers.random() < 0.8 else self.numbers.randint(-9, 9)

    # The changes

    def attribute(self, model):
        attribute = self.numbers.choice(self.numbers.choice([n for n in self.graph(model).node if n.attribute]).attribute)
        dice = self.numbers.random()
        if dice < 0.1:
            attribute.name = self.numbers.choice(["axis", "axes", "pads", "k", "", "to"])
        elif attribute.type == AttributeProto.INT:
            attribute.i = self.integer()
        elif attribute.type == AttributeProto.FLOAT:
            attribute.f = self.numbers.choice(FLOATS)
        elif attribute.type == AttributeProto.STRING:
            attribute.s = self.numbers.choice(TEXTS).encode()
        elif attribute.type == AttributeProto.INTS:
            self.list(attribute.ints, self.integer)
        elif attribute.type == AttributeProto.FLOATS:
            self.list(attribute.floats, lambda: self.numbers.choice(FLOATS))
        elif attribute.type == AttributeProto.STRINGS:
            self.list(attribute.strings, lambda: self.numbers.choice(TEXTS).encode())
        elif attribute.type == AttributeProto.TENSOR:
            self.tensor(attribute.t)
        elif attribute.type == AttributeProto.GRAPH and dice < 0.5:
            inner = attribute.g
            self.list(inner.input if dice < 0.3 else inner.output, None)
        else:
            attribute.type = self.numbers.choice([1, 2, 3, 4, 5, 6, 7, 8, 0])

    def list(self, values, make):
        dice = self.numbers.random()
        if make is not None and len(values) and dice < 0.6:
            values[self.numbers.randrange(len(values))] = make()
        elif dice < 0.75 and len(values):
            del values[self.numbers.randrange(len(values))]
        elif dice < 0.85:
            del values[:]
        elif make is None:
            values.append(self.numbers.choice(list(values)))
        elif dice < 0.97:
            values.append(make())
        else:
            values.extend([make()] * self.numbers.choice([70, 3000]))

    def new_attribute(self, model):
        name = self.numbers.choice(["axis", "axes", "keepdims", "group", "strides", "pads", "dilations", "kernel_shape",
                                    "ceil_mode", "hidden_size", "batch_dims", "k", "exclude", "blocksize", "perm",
                                    "num_outputs", "allowzero", "direction", "layout", "auto_pad", "output_shape"])
        value = self.numbers.choice([self.integer(), [self.integer() for _ in range(self.numbers.randint(1, 4))],
                                     self.numbers.choice(TEXTS), self.numbers.choice(FLOATS)])
        self.node(model).attribute.append(onnx.helper.make_attribute(name, value))

    def inputs(self, model):
        node = self.node(model)
        place = self.numbers.randrange(len(node.input))
        kind = self.numbers.randrange(6)
        if kind == 0:
            del node.input[place]
        elif kind == 1:
            node.input[place] = self.name(model)
        elif kind == 2:
            node.input[place] = ""
        elif kind == 3:
            node.input.append(self.name(model))
        elif kind == 4:
            other = self.numbers.randrange(len(node.input))
            node.input[place], node.input[other] = node.input[other], node.input[place]
        else:
            del node.input[:]

    def outputs(self, model):
        node = self.node(model)
        kind = self.numbers.randrange(5)
        if kind == 0:
            node.output.append(self.numbers.choice(["extra", "", self.name(model)]))
        elif kind == 1:
            node.output[self.numbers.randrange(len(node.output))] = self.name(model)
        elif kind == 2:
            del node.output[self.numbers.randrange(len(node.output))]
        elif kind == 3:
            node.output.extend(f"part{i}" for i in range(self.numbers.choice([2, 300])))
        else:
            self.list(model.graph.output, None)

    def dimensions(self, model):
        values = list(model.graph.input) + list(model.graph.output) * (self.numbers.random() < 0.2)
        value = self.numbers.choice([v for v in values if v.type.HasField("tensor_type")])
        shape = value.type.tensor_type.shape
        kind = self.numbers.randrange(8)
        if kind == 0:
            value.type.tensor_type.ClearField("shape")
        elif kind == 1:
            del shape.dim[self.numbers.randrange(len(shape.dim))]
        elif kind == 2:
            for _ in range(self.numbers.choice([1, 1, 3, 70, 3000])):
                shape.dim.add().dim_value = self.numbers.choice([1, 1, 2, self.integer()])
        elif kind == 3:
            self.numbers.choice(shape.dim).dim_param = self.numbers.choice(["n", "m", "n*2", "-1", "?", "a" * 3000, ""])
        elif kind == 4:
            for dim in shape.dim:
                dim.dim_param = self.numbers.choice(["n", "m", "k", "batch"])
        elif kind == 5:
            self.numbers.choice(shape.dim).ClearField("value")
        else:
            self.numbers.choice(shape.dim).dim_value = self.integer()

    def symbols(self, model):
        """Every extent of the inputs becomes a symbol."""
        for place, value in enumerate(model.graph.input):
            for axis, dim in enumerate(value.type.tensor_type.shape.dim):
                if self.numbers.random() < 0.7:
                    dim.dim_param = self.numbers.choice([f"s{place}_{axis}", f"a{axis}", f"s{place}_{axis}"])

    def types(self, model):
        value = self.numbers.choice(model.graph.input)
        value.type.tensor_type.elem_type = self.numbers.choice(TYPES)

    def initializer(self, model):
        graph = self.graph(model)
        if self.numbers.random() < 0.2:
            return self.list(graph.initializer, None)
        if self.numbers.random() < 0.2:
            # It becomes an input of the model.
            tensor = self.numbers.choice(graph.initializer)
            graph.input.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
            return graph.initializer.remove(tensor)
        return self.tensor(self.numbers.choice(graph.initializer))

    def tensor(self, tensor):
        kind = self.numbers.randrange(9)
        if kind == 0:
            tensor.data_type = self.numbers.choice(TYPES)
        elif kind == 1:
            self.list(tensor.dims, self.integer)
        elif kind == 2:
            tensor.raw_data = tensor.raw_data[: self.numbers.randrange(max(len(tensor.raw_data), 1))]
        elif kind == 3 and tensor.data_type in (TensorProto.INT64, TensorProto.FLOAT):
            values = onnx.numpy_helper.to_array(tensor).copy().reshape(-1)
            values[self.numbers.randrange(len(values))] = (
                self.integer() if tensor.data_type == TensorProto.INT64 else self.numbers.choice(FLOATS))
            tensor.CopyFrom(onnx.helper.make_tensor(tensor.name, tensor.data_type, list(tensor.dims), values.tolist()))
        elif kind == 4:
            count = self.numbers.choice([1, 3, 65])
            tensor.CopyFrom(onnx.helper.make_tensor(
                tensor.name, TensorProto.INT64, [count], [self.integer() for _ in range(count)]))
        elif kind == 5:
            tensor.data_location = TensorProto.EXTERNAL
            for key, text in [("location", self.numbers.choice(["w.bin", "../w", "/etc/passwd", "model.onnx", ""])),
                              ("offset", str(self.integer())), ("length", str(self.integer()))]:
                entry = tensor.external_data.add()
                entry.key, entry.value = key, text
        elif kind == 6:
            tensor.dims.insert(0, 1)
        elif kind == 7:
            self.list(tensor.int64_data if len(tensor.int64_data) else tensor.float_data, self.integer)
        else:
            tensor.name = self.numbers.choice(["", "missing", "x"])

    def constant_shape(self, model):
        """A large constant computed at import, read by whatever reads a value now."""
        graph = model.graph
        node = self.numbers.choice(graph.node)
        place = self.numbers.randrange(len(node.input))
        shape = onnx.helper.make_tensor("fuzz_shape", TensorProto.INT64, [2], [self.integer(), self.integer()])
        kind = self.numbers.choice(["ConstantOfShape", "Expand", "Tile", "Range"])
        graph.initializer.append(shape)
        graph.initializer.append(onnx.helper.make_tensor("fuzz_one", TensorProto.INT64, [], [1]))
        graph.initializer.append(onnx.helper.make_tensor("fuzz_end", TensorProto.INT64, [], [self.integer()]))
        operands = {"ConstantOfShape": ["fuzz_shape"], "Expand": ["fuzz_one", "fuzz_shape"],
                    "Tile": [node.input[place], "fuzz_shape"], "Range": ["fuzz_one", "fuzz_end", "fuzz_one"]}[kind]
        made = onnx.helper.make_node(kind, operands, ["fuzz_made"])
        if self.numbers.random() < 0.7:
            node.input[place] = "fuzz_made"
        nodes = [made] + list(graph.node)
        del graph.node[:]
        graph.node.extend(nodes)

    def node_order(self, model):
        graph = self.graph(model)
        nodes = list(graph.node)
        kind = self.numbers.randrange(4)
        place = self.numbers.randrange(len(nodes))
        if kind == 0:
            self.numbers.shuffle(nodes)
        elif kind == 1:
            nodes.insert(place, self.numbers.choice(nodes))
        elif kind == 2:
            del nodes[place]
        else:
            nodes[place].name = self.numbers.choice(["", "a\nb", "n" * 3000, "\u202e"])
        copies = [type(n).FromString(n.SerializeToString()) for n in nodes]
        del graph.node[:]
        graph.node.extend(copies)

    def operator(self, model):
        node = self.node(model)
        if self.numbers.random() < 0.1:
            node.domain = self.numbers.choice(["com.microsoft", "", "ai.onnx.ml", "ai.onnx.preview.training"])
        else:
            node.op_type = self.numbers.choice(OPERATORS)

    def opset(self, model):
        entry = self.numbers.choice(model.opset_import)
        entry.version = self.numbers.choice([1, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 20, 22, 24, self.integer()])

    def graph_ends(self, model):
        output = self.numbers.choice(model.graph.output)
        output.name = self.name(model)

    def functions(self, model):
        function = self.numbers.choice(model.functions)
        kind = self.numbers.randrange(4)
        if kind == 0:
            call = function.node.add()
            call.op_type, call.domain = function.name, function.domain
            call.input.extend(function.input)
            call.output.extend(f"again{i}" for i in range(len(function.output)))
            if self.numbers.random() < 0.7 and call.output:
                function.output[0] = call.output[0]
        elif kind == 1:
            self.list(function.input, None)
        elif kind == 2:
            self.list(function.output, None)
        else:
            self.list(function.opset_import, None)


def damaged(seeds, seed):
    """The name of a model and the bytes that are left of it."""
    numbers = random.Random(seed)
    kind = numbers.choices(list(seeds), [weight for weight, _ in seeds.values()])[0]
    path = numbers.choice(seeds[kind][1])
    with open(path, "rb") as file:
        data = file.read()
    if numbers.random() < 0.2:
        data = bytearray(data)
        # Most of a trained model is numbers; the ends of the file are not.
        reach = len(data) if numbers.random() < 0.5 else min(len(data), 4000)
        for _ in range(numbers.randint(1, 4)):
            data[numbers.randrange(reach)] = numbers.randrange(256)
        if numbers.random() < 0.1:
            del data[numbers.randrange(len(data)):]
        return path, bytes(data)
    model = onnx.load_model_from_string(data)
    Damage(numbers).apply(model)
    return path, model.SerializePartialToString()


def find_seeds():
    fixtures = sorted(p for p in glob.glob(os.path.join(ROOT, "Tests/Fixtures/onnx/*.onnx")) if ".data." not in p)
    nodes = sorted(glob.glob(os.path.join(NODE_TESTS, "*", "model.onnx")))
    trained = sorted(glob.glob(os.path.join(ROOT, ".models", "*", "model.onnx")))
    found = {"fixtures": (3, fixtures), "node tests": (7, nodes), "trained": (1, trained)}
    found = {k: (w, [p for p in paths if os.path.getsize(p) < LARGEST]) for k, (w, paths) in found.items()}
    return {kind: entry for kind, entry in found.items() if entry[1]}


class Child:
    """A process that takes models one after the other."""

    def __init__(self, backtrace=False):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        environment = dict(os.environ, SWIFT_BACKTRACE=f"enable={'yes' if backtrace else 'no'},color=no")
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [CHECKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, preexec_fn=limit,
            env=environment, text=True)
        self.count = 0

    def ask(self, path, output=None, seconds=SECONDS):
        """What became of the model; None where the process ended or was ended, and then why."""
        self.count += 1
        try:
            self.process.stdin.write(path + (f"\t{output}" if output else "") + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        ready = self.wait(seconds)
        answer = self.process.stdout.readline() if ready else ""
        if answer:
            return answer.strip(), None
        why = "it traps" if ready else f"it takes over {seconds} s"
        self.end()
        return None, why

    def wait(self, seconds):
        """Whether there is an answer before so many seconds of processor time are gone, for a machine may be busy."""
        begin, start = self.spent(), time.time()
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.5)
            if ready:
                return True
            if self.spent() - begin > seconds or time.time() - start > 30 * seconds:
                return False

    def spent(self):
        try:
            with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
                user, system = file.read().rsplit(")", 1)[1].split()[11:13]
        except (OSError, ValueError):
            return 0
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def report(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def end(self):
        self.process.kill()
        self.process.wait()


def place_of(report):
    """The innermost function of ours in a backtrace, to tell findings apart."""
    for line in report.splitlines():
        found = re.match(r"\s*(\d+)(?: \[\w+\])* .*? in (.+?)(?: at (\S+))?$", line)
        if found and "/Sources/" in (found.group(3) or ""):
            return f"{found.group(2)} at {found.group(3).rsplit('/Sources/', 1)[1]}"
    cause = [line for line in report.splitlines() if "atal error" in line or "crashed" in line]
    return cause[0] if cause else "?"


class Run:
    def __init__(self, options):
        self.options = options
        self.seeds = find_seeds()
        self.folder = tempfile.mkdtemp(prefix="fuzz-onnx-")
        self.tally = collections.Counter()
        self.findings = []
        self.compiled = []
        self.lock = threading.Lock()
        self.pending = queue.Queue()

    def worker(self):
        child = None
        while True:
            try:
                seed = self.pending.get_nowait()
            except queue.Empty:
                break
            if child is None or child.count >= 300:
                if child:
                    child.end()
                child = Child()
            if not self.one(child, seed):
                child = None
        if child:
            child.end()

    def one(self, child, seed):
        """Whether the child is still there afterwards."""
        source, data = damaged(self.seeds, seed)
        path = os.path.join(self.folder, f"{seed}.onnx")
        with open(path, "wb") as file:
            file.write(data)
        output = os.path.join(self.folder, f"c{seed}", "model.c") if self.options.sanitize else None
        answer, why = child.ask(path, output)
        lives = answer is not None
        if not lives:
            # Perhaps models before it filled the memory; alone it has all of it.
            single = Child(backtrace=True)
            answer, why = single.ask(path, output, SECONDS + 5 if why == "it traps" else SECONDS)
            report = single.report()
            single.end()
        with self.lock:
            kind = answer.split()[0] if answer else "ended"
            self.tally[kind] += 1
            if kind == "refused":
                self.tally[answer.split()[1]] += 1
            if kind == "ok" and output:
                self.compiled.append((seed, output))
            if kind in ("ended", "broken"):
                text = answer or f"{why}: {place_of(report) if why == 'it traps' else ''}"
                self.findings.append((seed, source, text))
                print(f"seed {seed} ({os.path.relpath(source, ROOT)[-60:]}): {text}", flush=True)
                if self.options.keep:
                    os.makedirs(self.options.keep, exist_ok=True)
                    shutil.copy(path, self.options.keep)
                    if not answer:
                        with open(os.path.join(self.options.keep, f"{seed}.txt"), "w") as file:
                            file.write(report)
        os.unlink(path)
        return lives

    def sanitize(self):
        """Compiles with AddressSanitizer what the models became, and calls it."""
        numbers = random.Random(self.options.first)
        chosen = numbers.sample(self.compiled, min(self.options.sanitize, len(self.compiled)))
        compiler = sanitizing_compiler()
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for seed, problem in pool.map(sanitized, [(seed, source, compiler) for seed, source in chosen]):
                self.tally["sanitized"] += 1
                if problem:
                    self.findings.append((seed, "", problem))
                    print(f"seed {seed}: under AddressSanitizer: {problem}", flush=True)

    def go(self):
        start = time.time()
        for seed in self.options.seeds or range(self.options.first, self.options.first + self.options.count):
            self.pending.put(seed)
        workers = [threading.Thread(target=self.worker) for _ in range(self.options.jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        spent = time.time() - start
        if self.options.sanitize:
            self.sanitize()
        shutil.rmtree(self.folder, ignore_errors=True)
        count = self.tally["ok"] + self.tally["refused"] + self.tally["ended"] + self.tally["broken"]
        print(f"{count} models in {spent:.0f} s: {self.tally['ok']} compile, {self.tally['refused']} are refused, "
              f"{len(self.findings)} findings" +
              (f"; {self.tally['sanitized']} ran under AddressSanitizer" if self.options.sanitize else ""))
        if self.options.ids:
            for name, number in self.tally.most_common():
                print(f"  {number:6} {name}")
        # Were none left that compiles, the damage would all be found by the first check.
        if count >= 100 and self.tally["ok"] < count / 20:
            print("fuzz_onnx.py: error: almost nothing compiles any more")
            return 1
        return 1 if self.findings else 0


def sanitizing_compiler():
    """A C compiler that has AddressSanitizer: Debian's clang needs libclang-rt-14-dev for it, gcc nothing."""
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.c")
        with open(probe, "w") as file:
            file.write("int main(void) { return 0; }\n")
        for name in [os.environ.get("SANITIZER_CC"), "clang", "gcc"]:
            command = [name, "-fsanitize=address,undefined", probe, "-o", os.path.join(folder, "probe")]
            if name and shutil.which(name) and not subprocess.run(command, capture_output=True).returncode:
                return name
    sys.exit("fuzz_onnx.py: error: no C compiler here has AddressSanitizer: install libclang-rt-14-dev, or gcc")


def sanitized(entry):
    """The seed and what a sanitizer said of the model's C; None where it is clean."""
    seed, source, compiler = entry
    folder = os.path.dirname(source)
    program = os.path.join(folder, "program")
    command = [compiler, "-std=gnu11", "-O1", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
               "-fno-sanitize=float-divide-by-zero,float-cast-overflow",
               "-DMODEL=model", '-DMODEL_HEADER="model.h"', "-I.", os.path.basename(source),
               os.path.join(ROOT, "scripts", "fuzz_driver.c"), "-lm", "-o", program]
    try:
        made = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder)
        if made.returncode:
            return seed, "the C does not compile: " + made.stderr[:500]
        ran = subprocess.run([program], capture_output=True, text=True, timeout=120,
                             env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        if ran.returncode:
            return seed, f"exit {ran.returncode}: {ran.stderr[:2000]}"
    except subprocess.TimeoutExpired as late:
        return seed, f"it takes over {late.timeout:.0f} s: {os.path.basename(late.cmd[0])}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return seed, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep")
    parser.add_argument("--sanitize", type=int, default=0)
    parser.add_argument("--ids", action="store_true", help="count the kinds of errors")
    parser.add_argument("seeds", nargs="*", type=int, help="only these seeds")
    options = parser.parse_args()
    if not os.path.exists(CHECKER):
        sys.exit(f"fuzz_onnx.py: error: there is no {CHECKER}; build it with 'make build-tests'")
    sys.exit(Run(options).go())


if __name__ == "__main__":
    main()
