"""Writes the models and golden ids of this directory with the reference, the `tokenizers` package.

    pip install tokenizers==0.23.3
    python make_fixtures.py

Everything here is made up for the tests: the vocabulary is about 250 entries, chosen so that nasty strings do not all
end as [UNK]. Each model directory is one way to configure a BERT tokenizer; `goldens.jsonl` has the ids that each of
them gives to each text, `truncated.jsonl` the ids under a maximal length.
"""

import json
import string
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary():
    letters = string.ascii_lowercase + string.digits
    words = """the drill drill bit cord ##less lamp lamps shade red green blue oak wood ##en screw ##s ##driver cafe
        naive creme brulee uber strasse eclair to ##oth tooth paste 12 18 ##v ##in inch 5 half size Red LED É café Café
        ##é unaff ##able hello world x ##x ##ing run ##n""".split()
    single = list("!#$%&'()*+,-./:;=?@[]_~°²½×ßøæœłđıſİIKΑαάσςΣдйеёЖжשלאبتक्षनिあアガガ中国六茶ー한ᄒ글") + [
        "e\u0301", "\u00e9", "\u0301", "\u030a", "\u0930", "##\u093f", "##\u094d", "\u1112", "##\u1161", "##\u11ab",
        "\u516d", "\uf9d1", "\u302e", "##\u302e", "##\u0307", "\u2014", "\u2026", "\u20ac", "\u2122", "\u00a0", "\u3000",
        "\U0001f527", "\U00020000", "\U0002b820", "\u200d", "\ufffd", "\u00ad", "\u0378", "##\u0345", "##Σ", "##σ", "##ß",
    ]
    entries = SPECIALS + list(letters) + ["##" + c for c in letters] + words + single
    return {token: index for index, token in enumerate(dict.fromkeys(entries))}


def added(content, token_id, **flags):
    base = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized", "special"], False)
    return {"id": token_id, "content": content} | base | flags


def configuration(normalizer=None, tokens=(), bert_processing=False, max_chars=100):
    vocab = vocabulary()
    cls, sep = vocab["[CLS]"], vocab["[SEP]"]
    special = lambda name, i: {"id": name, "ids": [i], "tokens": [name]}
    piece = lambda kind, name: {kind: {"id": name, "type_id": 0}}
    template = {
        "type": "TemplateProcessing",
        "single": [piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")],
        "pair": [piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("Sequence", "B")],
        "special_tokens": {"[CLS]": special("[CLS]", cls), "[SEP]": special("[SEP]", sep)},
    }
    return {
        "version": "1.0",
        "truncation": {"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                    "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [added(t, vocab[t], special=True) for t in SPECIALS] + list(tokens),
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True} | (normalizer or {}),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", sep], "cls": ["[CLS]", cls]}
        if bert_processing else template,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": max_chars, "vocab": vocab},
    }


def models():
    n = len(vocabulary())
    tokens = [
        added("<left>", n, lstrip=True),
        added("<right>", n + 1, rstrip=True, special=True),
        added("<both>", n + 2, lstrip=True, rstrip=True),
        added("sku", n + 3, single_word=True),
        added("Bosch", n + 4, normalized=True),
        added("Öl", n + 5, normalized=True, single_word=True),
        added("Bo", n + 6),
        added("lamp", 7, normalized=True),  # in the vocabulary: the id written here is ignored
    ]
    return {
        "uncased": configuration(),
        "cased": configuration({"lowercase": False}, bert_processing=True),
        "accents": configuration({"strip_accents": False}),
        "stripped": configuration({"strip_accents": True, "lowercase": False}, max_chars=6),
        "raw": configuration({"clean_text": False, "handle_chinese_chars": False}),
        "added": configuration(tokens=tokens),
    }


def texts():
    marks = "\u0301\u0334\u0316\u0345\u302e"
    plain = [
        "", " ", "the drill", "The  Cordless DRILL-bit, 18V (12in.)", "unaffable", "unaffableq", "running", "toothpaste",
        "lampshade lamps", "Café Crème brûlée", "Cafe\u0301 Cre\u0300me bru\u0302le\u0301e", "naïve éclair", "ÜBER Straße STRASSE",
        "hello,world!", "hello\tworld\nred\rgreen", "hello\x0bworld\x0cred\x1cgreen", "a\x00b\x7fc\x85d", "half½size", "5×12",
        "$5.00 #12 @home", "~tilde^caret`tick|bar", "“smart” ‘quotes’ — dash…", "€5 ™ ° ²", "[CLS]", "[SEP] red [SEP]",
        "red[MASK]green", "[mask]", "[ CLS ]", "[[CLS]]", "[CLS", "CLS]", "[PAD][PAD]", "[UNK]", "[unk]", "##s", "# #s", "##",
        "中国", "中a国b", "a中", "中 国", "六", "\uf9d1", "\U00020000x", "\U0002b820x", "\U0002b920x", "\U0002f800x", "㐀䶵",
        "あア", "ガ", "カ\u3099", "ガ", "ー", "한", "한글", "\u1112\u1161\u11ab", "글", "각", "가\u11a8", "힣",
        "İstanbul", "I\u0307", "ıI", "ſ", "K", "Å", "Ω", "ΑΣ", "ΑΣ ΑΣ.", "ΌΔΟΣ", "ς", "ﬁ", "ﬀ", "ẞ", "ß", "ǅ", "ᾼ", "Ⅷ", "Ⓐ",
        "Жё Й й", "שָׁלוֹם", "شَكَّ", "क्षि", "नि", "\u0930\u094d", "ไทย", "x\u0301x", "\u0301", "\u0301\u0301x", "x " + marks,
        "x" + marks, "x" + marks[::-1], "e" + "\u0301" * 20, "\u0344x", "\u1e09", "c\u0301\u0327", "c\u0327\u0301", "\u0f73x",
        "x\u302e", "x\u302e\u0301", "x\u0301\u302e", "x\u302e\u0316", "\u0390", "\u1f82", "\u212b", "\u0958", "\ufb2c",
        "\u200bx\u200dx\ufeffx", "x\u00adx", "\u2028x\u2029", "x\u00a0x\u3000x\u1680x", "\u180ex", "\u2060x\u2066x",
        "\ue000x", "\U000f0000x", "\U0010ffff", "\ufffdx", "\uffff", "\ufdd0x", "\u0378", "x\u0378x", "\U000e0001x\U000e0041",
        "👍🏽", "👩‍👩‍👧", "🔧 🔧x", "🇩🇪", "❤\ufe0f", "\U0001f9ffx", "x\u0d4dx", "\u1cd4x", "\u0eb1", "x\u20ddx", "·", "¡¿", "§¶",
        "\u037e", "\u1fef", "\u2000x\u2001", "\u05be", "\u060c", "\u066a", "\u0964", "\u3001\u3002", "\uff0c\uff01", "\uff21\uff41",
        "x_x", "x'x", "x.x", "x-x", "x+x=x", "x" * 6, "x" * 7, "x" * 100, "x" * 101, "é" * 6, "é" * 7, "é" * 100,
        "e\u0301" * 100, "e\u0301" * 101, "x\u0301" * 6, "한" * 33, "한" * 34, "中" * 101, "🔧" * 101, "x" * 100 + "!",
        "red <left> green <right> blue <both> oak", "red<left>green<right>blue<both>oak", "<both>  <both>", "<right>   <left>",
        "sku skus s-sku sku's (sku) _sku skú 1sku sku\u0301 sku中", "SKU", "Bosch bosch BOSCH Bösch boschs", "Bo Bob bo BoSch",
        "öl Öl OL ol Öle", "lamp lamps LAMP", "<LEFT>", "< left >", " <left>", "<right> ", "\u3000<both>\u2003x", "[SEP]<left>sku",
        "the drill bit set has 18 pieces, 5 half-size bits & 1 long one", "\ud7b0\ud7cb", "\u115f\u1160", "\u0130\u0131",
        "\U00010400\U0001e900", "\ua7cb\ua7dc\u1c89", "\U00010d50\U00016ea0", "\U00016d68\U000105c9", "\u0897\u1ac0", "\u30fb\ufe63",
    ]
    return list(dict.fromkeys(plain))


def main():
    for name, config in models().items():
        directory = HERE / "models" / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "tokenizer.json").write_text(json.dumps(config, ensure_ascii=False, separators=(",", ":")) + "\n")

    files = {
        "uncased-files": {"do_lower_case": True, "tokenize_chinese_chars": True, "strip_accents": None,
                          "cls_token": "[CLS]", "sep_token": {"content": "[SEP]", "lstrip": False}},
        "cased-files": {"do_lower_case": False, "unk_token": "[UNK]"},
        "accents-files": {"strip_accents": False, "do_lower_case": True},
    }
    for name, config in files.items():
        directory = HERE / "models" / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "vocab.txt").write_text("".join(token + "\n" for token in vocabulary()))
        (directory / "tokenizer_config.json").write_text(json.dumps(config) + "\n")

    tokenizers = {name: Tokenizer.from_file(str(HERE / "models" / name / "tokenizer.json")) for name in models()}
    for tokenizer in tokenizers.values():
        tokenizer.no_padding()
        tokenizer.no_truncation()
    with open(HERE / "goldens.jsonl", "w") as file:
        for text in texts():
            ids = {name: tokenizer.encode(text).ids for name, tokenizer in tokenizers.items()}
            file.write(json.dumps({"text": text, "ids": ids}, separators=(",", ":")) + "\n")

    uncased = tokenizers["uncased"]
    with open(HERE / "truncated.jsonl", "w") as file:
        for text in ["", "drill", "the cordless drill bit", "unaffable running", "red [SEP] green [MASK] blue", "中国 café"]:
            for length in range(2, 12):
                uncased.enable_truncation(length)
                row = {"text": text, "maxLength": length, "ids": uncased.encode(text).ids}
                file.write(json.dumps(row, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
