"""Makes models of well-known architectures with random weights, in the form `make bench` reads: what other people's networks
are like, without fetching any.

    python bench/zoo/make.py FOLDER [NAME …]              all of them, or those named
    python bench/zoo/make.py --list
    python bench/suite/suite.py --models FOLDER --threads 2

Wants torch, torchvision, transformers, onnx, onnxscript and onnxruntime. Batch norms take their statistics from the input, so
that values stay as large as in trained networks; outputs are onnxruntime's. Weights are the same in every run.
"""

import argparse
import pathlib
import sys

import numpy
import onnx
import onnxruntime
import torch
import torchvision
import transformers
from onnx import numpy_helper

IMAGE = (1, 3, 224, 224)
VISION = {
    "resnet50": IMAGE,
    "vgg11": IMAGE,
    "inception_v3": (1, 3, 299, 299),
    "googlenet": IMAGE,
    "squeezenet1_1": IMAGE,
    "shufflenet_v2_x1_0": IMAGE,
    "mobilenet_v2": IMAGE,
    "mobilenet_v3_small": IMAGE,
    "mnasnet1_0": IMAGE,
    "efficientnet_b0": IMAGE,
    "regnet_y_400mf": IMAGE,
    "resnext50_32x4d": IMAGE,
    "densenet121": IMAGE,
    "convnext_tiny": IMAGE,
    "vit_b_16": IMAGE,
    "swin_t": IMAGE,
    "r3d_18": (1, 3, 8, 112, 112),
}


class Output(torch.nn.Module):
    """A network whose output is one tensor, whatever it gives."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, *inputs):
        found = self.network(*inputs)
        if isinstance(found, torch.Tensor):
            return found
        return found[0] if isinstance(found, tuple) else next(iter(found.values()))


def vision(name):
    table = torchvision.models.video if name == "r3d_18" else torchvision.models
    kept = {"init_weights": True} if name in ("inception_v3", "googlenet") else {}
    return getattr(table, name)(weights=None, **kept), [torch.randn(VISION[name])]


def segmentation():
    return torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None), [torch.randn(IMAGE)]


def tokens(length, count=1000):
    return torch.randint(0, count, (1, length))


def bert():
    config = transformers.BertConfig(num_hidden_layers=4, hidden_size=384, num_attention_heads=12, intermediate_size=1536)
    return transformers.BertModel(config), [tokens(128)]


def gpt2():
    config = transformers.GPT2Config(n_layer=4, n_embd=512, n_head=8, vocab_size=8000, use_cache=False)
    return transformers.GPT2LMHeadModel(config), [tokens(128)]


def llama():
    config = transformers.LlamaConfig(
        num_hidden_layers=4, hidden_size=512, intermediate_size=1376, num_attention_heads=8, num_key_value_heads=2,
        vocab_size=8000, use_cache=False)
    return transformers.LlamaForCausalLM(config), [tokens(128)]


def t5_encoder():
    config = transformers.T5Config(num_layers=4, d_model=512, vocab_size=8000)
    return transformers.T5EncoderModel(config), [tokens(128)]


def whisper_encoder():
    config = transformers.WhisperConfig(encoder_layers=4, d_model=384, encoder_attention_heads=6, encoder_ffn_dim=1536)
    return transformers.WhisperModel(config).get_encoder(), [torch.randn(1, 80, 3000)]


def wav2vec2():
    config = transformers.Wav2Vec2Config(num_hidden_layers=4, hidden_size=384, num_attention_heads=6, intermediate_size=1536)
    return transformers.Wav2Vec2Model(config), [torch.randn(1, 16000)]


def segformer():
    return transformers.SegformerForSemanticSegmentation(transformers.SegformerConfig()), [torch.randn(1, 3, 256, 256)]


def mobilevit():
    return transformers.MobileViTModel(transformers.MobileViTConfig()), [torch.randn(1, 3, 256, 256)]


OTHERS = {
    "lraspp": segmentation,
    "bert": bert,
    "gpt2": gpt2,
    "llama": llama,
    "t5_encoder": t5_encoder,
    "whisper_encoder": whisper_encoder,
    "wav2vec2": wav2vec2,
    "segformer": segformer,
    "mobilevit": mobilevit,
}


def settle(network, inputs):
    """Gives batch norms the statistics of what they see."""
    norms = [part for part in network.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]
    if norms:
        for part in norms:
            part.reset_running_stats()
            part.momentum = None
        network.train()
        with torch.no_grad():
            # Two images, for a norm behind a global pool has one value of a channel otherwise.
            network(*[torch.cat([x, torch.randn_like(x)]) for x in inputs])
    return network.eval()


def save(name, folder, dynamo):
    torch.manual_seed(1)
    network, inputs = OTHERS[name]() if name in OTHERS else vision(name)
    network = Output(settle(network, inputs))
    data = folder / name / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    path = folder / name / "model.onnx"
    with torch.no_grad():
        torch.onnx.export(
            network, tuple(inputs), str(path), dynamo=dynamo, **({"external_data": False} if dynamo else {}))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = {entry.name: x.numpy() for entry, x in zip(session.get_inputs(), inputs)}
    for prefix, arrays in [("input", given.values()), ("output", session.run(None, given))]:
        for place, array in enumerate(arrays):
            tensor = numpy_helper.from_array(numpy.ascontiguousarray(array))
            (data / f"{prefix}_{place}.pb").write_bytes(tensor.SerializeToString())
    size = path.stat().st_size / 1e6
    print(f"{name:22} {len(onnx.load(path).graph.node):5} nodes  {size:7.1f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--torchscript", action="store_true", help="export as torch.onnx did before it had dynamo")
    arguments = parser.parse_args()
    every = [*VISION, *OTHERS]
    if arguments.list or not arguments.folder:
        print("\n".join(every))
        return 0
    failed = 0
    for name in arguments.names or every:
        try:
            save(name, arguments.folder, not arguments.torchscript)
        except Exception as error:  # One that cannot be exported leaves the others.
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
