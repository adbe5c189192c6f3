"""What the machine is and what it reaches (machine.c)."""

import glob
import json
import os
import re
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def name():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    found = re.search(r"model name\s*:\s*(.*)", text)
    flags = set(re.search(r"flags\s*:\s*(.*)", text).group(1).split()) if "flags" in text else set()
    parts = [word for word, flag in [("AVX2", "avx2"), ("AVX-512", "avx512f"), ("VNNI", "avx512_vnni"),
                                     ("bf16", "avx512_bf16"), ("AMX", "amx_tile")] if flag in flags]
    model = re.search(r"^model\s*:\s*(\d+)", text, re.M)
    return f"{found.group(1) if found else 'unknown'} (model {model.group(1) if model else '?'}; {', '.join(parts)})"


def caches():
    """The bytes of the data caches of the first processor, by level."""
    found = {}
    for folder in glob.glob("/sys/devices/system/cpu/cpu0/cache/index*"):
        def read(part):
            with open(os.path.join(folder, part)) as file:
                return file.read().strip()
        if read("type") != "Instruction":
            found[int(read("level"))] = int(read("size").rstrip("K")) * 1024
    return found


def measure():
    """The machine's name, caches and speeds."""
    sizes = caches() or {1: 32 << 10, 2: 1 << 20, 3: 32 << 20}
    last = sizes[max(sizes)]
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "machine")
        subprocess.run(["clang", "-O2", "-march=native", "-mprefer-vector-width=512", "-ffp-contract=fast", "-fopenmp",
                        os.path.join(HERE, "machine.c"), "-o", program], check=True)
        done = subprocess.run([program, str(sizes.get(2, 1 << 20)), str(last)], check=True, capture_output=True, text=True)
    return {"name": name(), "caches": sizes, **json.loads(done.stdout)}


def sentence(machine):
    sizes = ", ".join(f"L{level} {size >> 10} KB" for level, size in sorted(machine["caches"].items()))
    speeds = [f"multiply-adds {machine['fma_gflops_one']:.0f} GFLOP/s on one thread, {machine['fma_gflops_all']:.0f} on "
              f"{machine['threads']}"]
    if "vnni_gops_one" in machine:
        speeds.append(f"products of bytes {machine['vnni_gops_one']:.0f} and {machine['vnni_gops_all']:.0f} GOP/s")
    for part, label in [("l2", "L2"), ("l3", "L3"), ("memory", "memory")]:
        speeds.append(f"{label} {machine[part + '_gbs_one']:.0f} and {machine[part + '_gbs_all']:.0f} GB/s")
    return f"{machine['name']}; {sizes}; {'; '.join(speeds)}"


if __name__ == "__main__":
    print(sentence(measure()))
