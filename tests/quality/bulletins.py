"""Bulletins that fill one form with the day's facts: what looks like a copy and is none."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

TOWNS = {
    "de": ["Oderfeld", "Brunnthalen", "Seehafen Lütt", "Karvenstadt", "Grauhagen", "Immerode", "Talbach"],
    "en": ["Larkmere", "Avelin", "Port Isham", "Wexcombe", "Dunmarsh", "Hollowgate", "Sternby"],
    "tr": ["Yedikuyu", "Karaçınar", "Saklıhöyük", "Zeytinde", "Gölbaşı", "Akçatepe"],
    "fr": ["Vaubrume", "Clairmont-sur-Aure", "Saint-Ermel", "Port-Lanvec", "Roquebelle"],
    "es": ["Valdemora", "Puerto Aldín", "San Quílez", "Torrealba del Río", "Cañaveras"],
    "pl": ["Brzezinów", "Stary Most", "Kamienna Góra", "Jasnowo", "Wierzbna"],
}
FIRMS = [
    "Kellmann",
    "Norvik",
    "Astrel",
    "Hydrona",
    "Banco Lirio",
    "Teranova",
    "Ostwerke",
    "Maritima",
    "Quellgas",
    "Veltron",
]
DAYS = {
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "tr": ["Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    "pl": ["poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"],
}

Bulletin = tuple[str, str, str]  # title, text, language


def lottery(rng: random.Random, at: datetime) -> Bulletin:
    day, date = DAYS["de"][at.weekday()], f"{at.day}.{at.month}.{at.year}"
    six = ", ".join(map(str, sorted(rng.sample(range(1, 50), 6))))
    return (
        f"Lottozahlen vom {day}: Die Gewinnzahlen",
        f"Die Gewinnzahlen der Lottoziehung vom {day}, {date}, stehen fest. Gezogen wurden {six}. Die Superzahl lautet "
        f"{rng.randrange(10)}. Im Spiel 77 fiel die Gewinnzahl {rng.randrange(10**6, 10**7)}, bei der Super 6 die "
        f"{rng.randrange(10**5, 10**6)}. Im Jackpot liegen diesmal rund {rng.randrange(2, 45)} Millionen Euro.\n\n"
        "Die Chance auf sechs Richtige mit Superzahl liegt bei etwa eins zu 140 Millionen. Die nächste Ziehung wird am "
        f"{DAYS['de'][(at.weekday() + 3) % 7]} um {rng.choice(['18.25', '19.25'])} Uhr übertragen. Alle "
        f"Angaben sind ohne "
        "Gewähr. Spielen kann süchtig machen; Hilfe bietet die Beratung der Bundeszentrale.",
        "de",
    )


def weather(rng: random.Random, at: datetime) -> Bulletin:
    town, day = rng.choice(TOWNS["en"]), DAYS["en"][at.weekday()]
    sky = rng.choice(["mostly cloudy with spells of rain", "sunny with a few clouds", "foggy at first, dry later"])
    return (
        f"Weather for {town}: {day}",
        f"The weather in {town} and the surrounding valleys will be {sky} on {day}. Temperatures climb to "
        f"{rng.randrange(-3, 33)} degrees in the afternoon and fall to {rng.randrange(-9, 18)} degrees at "
        f"night. The wind "
        f"blows from the {rng.choice(['north', 'south', 'east', 'west'])} at up to {rng.randrange(8, 70)} "
        f"kilometres per hour. "
        f"The chance of rain is {rng.randrange(0, 100)} percent.\n\nThe outlook for the following days stays "
        f"{rng.choice(['changeable', 'settled', 'mild', 'cold'])}, with highs of {rng.randrange(0, 30)} "
        f"degrees. The weather "
        "office asks drivers to take care on bridges and in woods in the early hours of the morning.",
        "en",
    )


def closing(rng: random.Random, at: datetime) -> Bulletin:
    day, up = DAYS["de"][at.weekday()], rng.choice(["fester", "schwächer", "kaum verändert"])
    winners = rng.sample(FIRMS, 4)
    return (
        f"Börse Karvenstadt schließt am {day} {up}",
        f"Die Börse in Karvenstadt hat am {day} {up} geschlossen. Der Leitindex KX 30 beendete den Handel bei "
        f"{rng.randrange(9000, 16000)},{rng.randrange(10, 99)} Punkten, das sind "
        f"{rng.randrange(0, 3)},{rng.randrange(10, 99)} "
        f"Prozent gegenüber dem Vortag. Gewinner waren die Papiere von {winners[0]} mit einem Plus von "
        f"{rng.randrange(1, 9)},{rng.randrange(10, 99)} Prozent vor {winners[1]}. Am Ende des Index standen "
        f"{winners[2]} und "
        f"{winners[3]} mit Abschlägen von bis zu {rng.randrange(1, 9)},{rng.randrange(10, 99)} "
        f"Prozent.\n\nDer Euro kostete am "
        f"Abend 1,{rng.randrange(400, 1900)} Dollar. Am Rentenmarkt fiel die Umlaufrendite auf "
        f"{rng.randrange(1, 4)},{rng.randrange(10, 99)} Prozent. Händler sprachen von einem ruhigen Geschäft "
        f"ohne klare Richtung.",
        "de",
    )


def traffic(rng: random.Random, at: datetime) -> Bulletin:
    one, other = rng.sample(TOWNS["tr"], 2)
    return (
        f"{one} yolunda trafik: {DAYS['tr'][at.weekday()]}",
        f"{one} ile {other} arasındaki yolda {DAYS['tr'][at.weekday()]} günü saat "
        f"{rng.randrange(6, 21)}.{rng.randrange(10, 59)} "
        f"itibarıyla trafik yoğun. Emniyet yetkilileri {rng.randrange(2, 19)} kilometrelik kuyruk oluştuğunu bildirdi. "
        f"Sürücülerin D{rng.randrange(100, 980)} numaralı yolu kullanmaları istendi. Bekleme süresi yaklaşık "
        f"{rng.randrange(10, 90)} dakika.\n\nKöprü girişindeki çalışma {rng.randrange(1, 28)} gün daha "
        f"sürecek. Belediye, toplu "
        "taşıma seferlerinin artırıldığını ve güncel durumun telefon hattından öğrenilebileceğini duyurdu.",
        "tr",
    )


def notice(rng: random.Random, at: datetime) -> Bulletin:
    town = rng.choice(TOWNS["fr"])
    return (
        f"Coupure d'eau à {town}",
        f"La mairie de {town} informe les habitants que l'eau sera coupée {DAYS['fr'][at.weekday()]} {at.day} de "
        f"{rng.randrange(6, 11)} h {rng.randrange(10, 59)} à {rng.randrange(13, 19)} h dans les rues du quartier "
        f"{rng.choice(['nord', 'sud', 'de la gare', 'du port', 'des écoles'])}. Environ "
        f"{rng.randrange(40, 900)} foyers sont "
        f"concernés. Les travaux portent sur {rng.randrange(50, 900)} mètres de conduites.\n\nIl est "
        f"conseillé de prévoir des "
        "réserves et de laisser couler l'eau quelques minutes après la remise en service. Le numéro d'urgence "
        "reste joignable "
        "jour et nuit pour toute question des usagers.",
        "fr",
    )


def results(rng: random.Random, at: datetime) -> Bulletin:
    firm = rng.choice(FIRMS)
    return (
        f"{firm} presenta sus resultados del trimestre",
        f"{firm} ganó {rng.randrange(12, 900)} millones de euros en el tercer trimestre, un "
        f"{rng.randrange(1, 60)} por ciento "
        f"{rng.choice(['más', 'menos'])} que un año antes, según comunicó la empresa el "
        f"{DAYS['es'][at.weekday()]}. Los ingresos "
        f"sumaron {rng.randrange(200, 9000)} millones y la deuda neta quedó en {rng.randrange(100, 5000)} "
        f"millones. El dividendo "
        f"será de {rng.randrange(0, 3)},{rng.randrange(10, 99)} euros por acción.\n\nLa compañía mantiene sus "
        f"previsiones para el "
        f"conjunto del ejercicio y espera cerrar el año con un margen del {rng.randrange(4, 30)} por ciento. "
        f"Sus acciones "
        f"cerraron en {rng.randrange(3, 90)},{rng.randrange(10, 99)} euros en la bolsa de Valdemora.",
        "es",
    )


def police(rng: random.Random, at: datetime) -> Bulletin:
    town = rng.choice(TOWNS["pl"])
    return (
        f"Policja podsumowała dzień: {town}",
        f"Policjanci z komendy w miejscowości {town} podsumowali {DAYS['pl'][at.weekday()]}. Na drogach "
        f"powiatu doszło do "
        f"{rng.randrange(2, 30)} kolizji i {rng.randrange(1, 9)} wypadków, w których {rng.randrange(1, 12)} "
        f"osób zostało rannych. "
        f"Zatrzymano {rng.randrange(1, 25)} nietrzeźwych kierowców, a funkcjonariusze nałożyli "
        f"{rng.randrange(20, 300)} mandatów. "
        f"Najwyższa zmierzona prędkość to {rng.randrange(90, 210)} kilometrów na godzinę.\n\nPolicja "
        f"przypomina o zachowaniu "
        "bezpiecznej odległości i dostosowaniu prędkości do warunków na drodze oraz o obowiązku używania "
        "świateł przez całą dobę.",
        "pl",
    )


KINDS: tuple[Callable[[random.Random, datetime], Bulletin], ...] = (
    lottery,
    weather,
    closing,
    traffic,
    notice,
    results,
    police,
)
