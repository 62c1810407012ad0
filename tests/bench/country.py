"""A division list as large as the country: 664,000 rows that follow from numbers alone, in the form of the real one."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROWS: Final = 664_000
PROVINCES: Final = (
    *(
        "11北京市",
        "12天津市",
        "13河北省",
        "14山西省",
        "15内蒙古自治区",
        "21辽宁省",
        "22吉林省",
        "23黑龙江省",
        "31上海市",
    ),
    *("32江苏省", "33浙江省", "34安徽省", "35福建省", "36江西省", "37山东省", "41河南省", "42湖北省", "43湖南省"),
    *("44广东省", "45广西壮族自治区", "46海南省", "50重庆市", "51四川省", "52贵州省", "53云南省", "54西藏自治区"),
    *("61陕西省", "62甘肃省", "63青海省", "64宁夏回族自治区", "65新疆维吾尔自治区"),
)
CITIES, DISTRICTS, STREETS = 11, 9, 14
"""Each province has so many cities, each city so many districts, each of them so many streets; really 11, 8.7, 13.9."""
COMMUNITIES, WITH_ONE_MORE = divmod(
    ROWS - len(PROVINCES) * (1 + CITIES * (1 + DISTRICTS * (1 + STREETS))),
    len(PROVINCES) * CITIES * DISTRICTS * STREETS,
)
CHARACTERS: Final = "东西南北中上下大小新古长平安和兴永福乐清泉石金玉龙凤山河湖海林松柳桃李杨梅竹兰云天星月阳春秋明文武"

Line = tuple[str, str, str, str]


def write_country(file: Path) -> None:
    """Writes a CSV file, depth first as the statisticians print it; the same one every time."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("code", "name", "level", "parent_code"))
        writer.writerows(country())


def country() -> Iterator[Line]:
    """The rows: code, name, level, code of the parent."""
    streets = 0
    for digits, name in ((each[:2], each[2:]) for each in PROVINCES):
        province = f"{digits}0000000000"
        yield province, name, "province", ""
        for city in (f"{digits}{number:02}" for number in range(1, CITIES + 1)):
            yield f"{city}00000000", f"{_name(city)}市", "city", province
            for district in (f"{city}{number:02}" for number in range(1, DISTRICTS + 1)):
                yield f"{district}000000", f"{_name(district)}县", "district", f"{city}00000000"
                for street in (f"{district}{number:03}" for number in range(100, 100 + STREETS)):
                    yield f"{street}000", f"{_name(street)}镇", "street", f"{district}000000"
                    streets += 1
                    for place in range(200, 200 + COMMUNITIES + (streets <= WITH_ONE_MORE)):
                        code = f"{street}{place}"
                        yield code, f"{_name(code)}村民委员会", "community", f"{street}000"


def _name(code: str) -> str:
    """Two or three characters; neighbours differ."""
    first, second, third = (int(code) * prime // 7 % len(CHARACTERS) for prime in (101, 977, 7919))
    return CHARACTERS[first] + CHARACTERS[second] + (CHARACTERS[third] if int(code) % 3 == 0 else "")
