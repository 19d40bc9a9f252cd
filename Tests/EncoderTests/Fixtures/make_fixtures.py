"""Makes the encoder's fixtures: a tiny BERT with random weights and what sentence-transformers computes with it.

Usage: python make_fixtures.py   (sentence-transformers 6.2.0, transformers 5.23.0, torch 2.13.0; writes beside this script)
  tiny/                a model directory of 2 layers, 16 wide, mean pooling, normalised (float32)
  tiny-float16.safetensors, tiny-bfloat16.safetensors   the same weights rounded to 16 bits
  goldens.json         texts, token ids, and the embedding for each pooling and number format
"""
import json, os, shutil, tempfile
import numpy as np, torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers import BertConfig, BertModel, BertTokenizerFast

here = os.path.dirname(os.path.abspath(__file__)); torch.manual_seed(7); torch.set_num_threads(1)
words = "the a of for with and red blue green small large tea pot kettle chair lamp wool sock boot rain coat glass steel oak".split()
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list("abcdefghijklmnopqrstuvwxyz0123456789.,!?-") \
    + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789"] + words
texts = ["", "red tea pot", "A small blue kettle, for tea!", "large oak chair with wool", "rain coat", "unknown: 양말",
         "glass lamp " * 20, "x", "steel-toe boot 42", "the red and the blue and the green sock of wool for small boots"]

def model_directory(path, pooling):
    os.makedirs(path)
    with open(f"{path}/vocab.txt", "w") as f: f.write("\n".join(vocabulary) + "\n")
    tokenizer = BertTokenizerFast(f"{path}/vocab.txt", do_lower_case=True)
    tokenizer.save_pretrained(path)
    config = BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=40, max_position_embeddings=48, type_vocab_size=2)
    torch.manual_seed(7)
    body = BertModel(config, add_pooling_layer=False)
    for p in body.parameters():  # the default initialisation is so small that errors would hide in it
        p.data.add_(torch.randn_like(p) * 0.2)
    body.save_pretrained(path)
    transformer = modules.Transformer(path, max_seq_length=32)
    model = SentenceTransformer(modules=[transformer, modules.Pooling(16, pooling), modules.Normalize()], device="cpu")
    return model

work = tempfile.mkdtemp(); goldens = {"texts": texts, "embeddings": {}}
for pooling in ("mean", "cls", "max", "mean_sqrt_len_tokens"):
    m = model_directory(f"{work}/{pooling}", pooling)
    goldens["embeddings"][pooling] = [m.encode([t])[0].tolist() for t in texts]
    if pooling == "mean":
        goldens["ids"] = [m.tokenizer(t, truncation=True, max_length=32)["input_ids"] for t in texts]
        shutil.rmtree(f"{here}/tiny", ignore_errors=True); m.save(f"{work}/saved")
        os.makedirs(f"{here}/tiny/1_Pooling")
        for name in ("config.json", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
                     "tokenizer.json", "tokenizer_config.json", "model.safetensors", "1_Pooling/config.json"):
            if os.path.exists(f"{work}/saved/{name}"): shutil.copyfile(f"{work}/saved/{name}", f"{here}/tiny/{name}")
        weights = load_file(f"{here}/tiny/model.safetensors")
        for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
            rounded = {k: v.to(dtype) if v.is_floating_point() else v for k, v in weights.items()}
            save_file(rounded, f"{here}/tiny-{name}.safetensors")
            m[0].auto_model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in rounded.items()}, strict=False)
            goldens["embeddings"][name] = [m.encode([t])[0].tolist() for t in texts]
json.dump(goldens, open(f"{here}/goldens.json", "w"), ensure_ascii=False, indent=0); shutil.rmtree(work)
print(os.listdir(f"{here}/tiny"))
