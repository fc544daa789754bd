from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from monitor.duplicates import fingerprint
from monitor.duplicates.fingerprint import MOST_HASHES
from tests.duplicates.making import HARBOUR, LIBRARY, ORCHARD

TEXTS = st.text(st.characters(codec=None), max_size=400)


def text_hashes(text: str) -> set[int]:
    return {value for value in fingerprint("", text).hashes if not value & 1}


def test_an_excerpt_shares_most_of_its_hashes_with_the_whole() -> None:
    excerpt = HARBOUR.split("\n\n")[1]
    shared = text_hashes(excerpt) & text_hashes(HARBOUR)
    assert len(shared) >= 10
    assert not text_hashes(ORCHARD) & text_hashes(HARBOUR)


def test_case_accents_and_punctuation_make_no_difference() -> None:
    loud = HARBOUR.upper().replace(",", " –").replace(".", " …")
    assert fingerprint("", loud) == fingerprint("", HARBOUR)


def test_datelines_and_trailing_credits_make_no_difference() -> None:
    dressed = f"LARKMERE (dpa/lno) - {HARBOUR} (dpa)\n\n© dpa-infocom, dpa:240516-99-53606/3"
    assert fingerprint("", dressed) == fingerprint("", HARBOUR)


def test_a_parenthesis_inside_the_first_sentence_is_no_dateline() -> None:
    text = "The mayor (an independent) - who had promised otherwise - " + HARBOUR
    assert fingerprint("", text) != fingerprint("", HARBOUR)


def test_short_texts_have_no_exact_hash() -> None:
    assert fingerprint("", " ".join(HARBOUR.split()[:59])).exact == ""
    assert fingerprint("", " ".join(HARBOUR.split()[:60])).exact


def test_titles_share_hashes_when_three_telling_words_are_the_same() -> None:
    one = fingerprint("Larkmere approves granite breakwater", "").hashes
    other = fingerprint("Granite breakwater for Larkmere's fishermen", "").hashes
    stranger = fingerprint("Frost destroys the apple harvest in Avelin", "").hashes
    assert all(value & 1 for value in one)
    assert len(set(one) & set(other)) >= 2
    assert not set(one) & set(stranger)


def test_the_number_of_hashes_is_bounded() -> None:
    long = " ".join(f"word{number} other{number * 7}" for number in range(20_000))
    assert len(fingerprint("", long).hashes) <= MOST_HASHES
    assert 70 <= len(text_hashes(" ".join(f"word{number}" for number in range(400)))) <= 110


def test_japanese_and_thai_texts_are_found_by_their_excerpts() -> None:
    japanese = (
        "港湾委員会は木曜日、十一年にわたる議論の末に新しい防波堤の建設を承認した。花崗岩の壁は湾内へ四百メートル伸び、"
        "秋の嵐から漁船団を守る。委員長は海で暮らすすべての家族にとって安堵の決定だと述べた。反対派は潮の流れが砂を海水浴場へ"
        "運ぶことを恐れている。"
    )
    thai = "คณะกรรมการท่าเรืออนุมัติเขื่อนกันคลื่นแห่งใหม่เมื่อวันพฤหัสบดีหลังจากถกเถียงกันมาสิบเอ็ดปีกำแพงหินแกรนิตจะยื่นออกไปในอ่าว"
    for text in (japanese, thai):
        assert len(text_hashes(text[len(text) // 3 :]) & text_hashes(text)) >= 3


def test_fingerprints_stay_what_they_were() -> None:
    """They are stored for years: another value here is another format, and the archive has to be analysed again."""
    assert fingerprint("", HARBOUR).exact == "ff788d3924be3942cc0fb175ffe12bbf"
    assert fingerprint("Granite wall approved", "").hashes == (
        6425655487738402215,
        9965432400234575065,
        11505601961613315953,
    )
    assert fingerprint("", HARBOUR).hashes[:2] == (9700508265731340, 243004014409474836)


@given(TEXTS, TEXTS)
def test_any_text_has_a_fingerprint(title: str, text: str) -> None:
    found = fingerprint(title, text, "xx")
    assert all(0 <= value < 2**64 for value in found.hashes)
    assert len(set(found.hashes)) == len(found.hashes)
    assert found == fingerprint(title, text, "xx")


def test_another_process_with_another_hash_seed_agrees() -> None:
    code = (
        "from monitor.duplicates import fingerprint; from tests.duplicates.making import LIBRARY;"
        "print(fingerprint('Open all night', LIBRARY).hashes)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.strip() == str(fingerprint("Open all night", LIBRARY).hashes)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)}
