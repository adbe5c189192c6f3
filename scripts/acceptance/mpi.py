#!/usr/bin/env python3
"""Training on several ranks (docs/mpi.md), with samples/mpi on little and a library with collectives from C:

    scripts/acceptance/mpi.py

  - a compiled library with collectives, called by threads that are its ranks, under AddressSanitizer, UBSan and ThreadSanitizer;
  - four ranks end with the bits of one rank with four micro-batches, on one thread and on two, and of four ranks in two network
    namespaces where this machine makes such;
  - ranks that share what the optimiser remembers end with these bits, too, and others go on from their checkpoint;
  - a rank that is killed, and one that hangs, end the run with a message of every other within 10 s, and the run goes on from
    its checkpoint to the bits of one that was never ended;
  - ranks that do different things are told so.
"""

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build/release"
HERE = Path(__file__).resolve().parent
# Root and more ranks than processors must be asked for.
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe"]
MODEL = ["--length", "16", "--batch", "8", "--size", "16", "--layers", "0", "--heads", "2", "--every", "3"]


def need(condition, text):
    if not condition:
        sys.exit(f"mpi.py: error: {text}")


def run(*words, **options):
    outcome = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                             timeout=120, **options)
    need(outcome.returncode == 0, f"{' '.join(map(str, words))} ended with {outcome.returncode}:\n{outcome.stdout}")
    return outcome.stdout


def together(*parts):
    """Runs parts at the same time, which wait for compilers and for each other's silence; gives their results."""
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(part) for part in parts]
        return [task.result() for task in tasks]


def from_c(place):
    run(BUILD / "tensorc", "compile", HERE / "ranks.tir", "-o", place / "step", "--emit", "c", "--target", "generic")
    compiler = shutil.which("clang") or "cc"
    sources = ["-I", place, HERE / "ranks.c", place / "step.c", "-lm", "-pthread"]
    kinds = {"address": ["-fopenmp", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
             # Without OpenMP, of whose threads ThreadSanitizer knows nothing.
             "race": ["-DTENSORC_THREADS_NONE", "-fsanitize=thread"]}
    for name, options in kinds.items():
        run(compiler, "-g", "-O1", *options, *sources, "-o", place / name)
        run(place / name, env={**os.environ, "TSAN_OPTIONS": "halt_on_error=1"})


def sample(place, name, *options):
    return [BUILD / "mpi", "--text", place / "text.txt", *MODEL, "--output", place / name, *options]


def same_bits(place):
    def four(threads):
        run(*MPIRUN, "-n", "4", *sample(place, f"four-{threads}", "--steps", "7", "--threads", threads))

    together(lambda: run(*sample(place, "one", "--steps", "7", "--micro-batches", "4")), lambda: four(1))
    four(2)
    expected = (place / "one/run.safetensors").read_bytes()
    for threads in (1, 2):
        found = (place / f"four-{threads}/run.safetensors").read_bytes()
        need(found == expected, f"four ranks of {threads} threads ended with other bits than four micro-batches")
    return expected


def shared_state(place, expected):
    def ranks(count, name, steps, *options):
        run(*MPIRUN, "-n", count, *sample(place, name, "--steps", steps, "--threads", "1", *options))
        return (place / name / "run.safetensors").read_bytes()

    shared = together(lambda: ranks(4, "shared", 7, "--share-state"), lambda: ranks(4, "begun", 4, "--share-state"))[0]
    need(shared == expected, "four ranks that share the optimiser's state ended with other bits than ranks that do not")
    shutil.copytree(place / "begun", place / "begun-whole")
    found = together(lambda: ranks(2, "begun", 7, "--share-state"), lambda: ranks(2, "begun-whole", 7))
    need(found[0] == found[1], "two ranks went on from a shared run to other bits if they shared the state, too")


def network(place, expected):
    """Four ranks, two in each of two network namespaces, which mpirun starts as if they were two machines."""
    names, number = [f"tensorc{os.getpid()}{side}" for side in "ab"], os.getpid() % 250
    addresses = [f"10.{number}.77.1", f"10.{number}.77.2"]
    made = []
    try:
        for name in names:
            if subprocess.run(["ip", "netns", "add", name], stderr=subprocess.DEVNULL).returncode:
                print("mpi.py: no network namespaces here; ranks on two networks are not tried")
                return
            made.append(name)
        links = [f"tc{os.getpid() % 100000}{side}" for side in "ab"]
        run("ip", "link", "add", links[0], "netns", names[0], "type", "veth", "peer", "name", links[1], "netns", names[1])
        for name, link, address in zip(names, links, addresses):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        agent = place / "agent.sh"
        agent.write_text(f"""#!/bin/sh
# What mpirun takes for ssh: HOST COMMAND…
case $1 in {addresses[1]}) name={names[1]} ;; *) name={names[0]} ;; esac
shift
exec ip netns exec "$name" unshare --uts sh -c "hostname $name; $*"
""")
        agent.chmod(0o755)
        command = [*MPIRUN, "--mca", "plm_rsh_agent", agent, "--host", ",".join(f"{address}:2" for address in addresses), "-n", "4",
                   *sample(place, "network", "--steps", "7", "--threads", "1")]
        words = " ".join(f"'{word}'" for word in command)
        run("ip", "netns", "exec", names[0], "unshare", "--uts", "sh", "-c", f"hostname {names[0]}; exec {words}")
        need((place / "network/run.safetensors").read_bytes() == expected, "ranks on two networks ended with other bits")
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name])


def ended(place, name, number):
    """A run one of whose ranks gets a signal once there is a checkpoint."""
    log = place / f"{name}.log"
    with log.open("w") as output:
        environment = {**os.environ, "TENSORC_MPI_SILENCE": "3"}
        words = [*MPIRUN, "-n", "4", *sample(place, name, "--steps", "1000", "--pause", "40", "--threads", "1")]
        process = subprocess.Popen([str(word) for word in words], stdout=output, stderr=subprocess.STDOUT, env=environment)
    end = time.monotonic() + 60
    while not (place / name / "run.safetensors").exists():
        need(process.poll() is None and time.monotonic() < end, f"no checkpoint was written:\n{log.read_text()}")
        time.sleep(0.05)
    victim = int(re.search(r"rank 2 of 4 is process (\d+)", log.read_text())[1])
    start = time.monotonic()
    os.kill(victim, number)
    try:
        code = process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit(f"mpi.py: error: mpirun still runs 15 s after a rank got signal {number}:\n{log.read_text()}")
    seconds = time.monotonic() - start
    text = log.read_text()
    need(code != 0 and seconds < 10, f"after signal {number} the run ended with {code} in {seconds:.1f} s:\n{text}")
    for rank in (0, 1, 3):
        need(re.search(rf"rank {rank} of 4: (ended from outside|rank 2 has not been heard of)", text), f"rank {rank} said nothing:\n{text}")


def broken_off(place):
    together(lambda: ended(place, "killed", signal.SIGKILL), lambda: ended(place, "stopped", signal.SIGSTOP))
    # On from the checkpoint, as far as one that was never ended; the first may have come beyond.
    steps = str(position(place / "killed/run.safetensors")["step"] + 4)
    together(lambda: run(*MPIRUN, "-n", "4", *sample(place, "killed", "--steps", steps, "--threads", "1")),
             lambda: run(*sample(place, "whole", "--steps", steps, "--micro-batches", "4")))
    need((place / "killed/run.safetensors").read_bytes() == (place / "whole/run.safetensors").read_bytes(),
         "a run that went on ended with other bits than one that was never ended")


def position(path):
    """Where the run of a checkpoint is."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    start, end = json.loads(data[8 : 8 + size])["run.position"]["data_offsets"]
    return json.loads(data[8 + size + start : 8 + size + end])


def different(place):
    words = [*MPIRUN, "-n", "1", *sample(place, "x", "--steps", "3"), ":", "-n", "1", *sample(place, "x", "--steps", "3", "--batch", "6")]
    outcome = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60)
    need(outcome.returncode != 0 and "and the first rank on" in outcome.stdout, f"ranks with different batches were not told:\n{outcome.stdout}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "text.txt").write_text("".join(f"{a} and {b} went to {c}.\n" for a in ("Adam", "Eve", "Seth") for b in ("Abel", "Jared")
                                                for c in ("the field", "Eden", "Nod", "the river") for _ in range(4)), encoding="utf-8")
        expected = together(lambda: from_c(place), lambda: same_bits(place))[1]
        together(lambda: network(place, expected), lambda: shared_state(place, expected))
        together(lambda: broken_off(place), lambda: different(place))
    print("mpi.py: ranks have the bits of micro-batches, end together and go on; libraries take ranks from C")


if __name__ == "__main__":
    main()
