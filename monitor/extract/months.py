"""Names of the months as bylines write them, and of time zones: data of `dates`."""

from __future__ import annotations

from monitor.text import fold

# One line per language: full names (or the stems that their cases share), then common short forms.
_NAMES = """
en january february march april may june july august september october november december
en jan feb mar apr may jun jul aug sep oct nov dec
en jan febr mar apr may june july aug sept oct nov dec
de januar februar märz april mai juni juli august september oktober november dezember
de jänner feber mär apr mai jun jul aug sep okt nov dez
fr janvier février mars avril mai juin juillet août septembre octobre novembre décembre
fr janv févr mars avr mai juin juil août sept oct nov déc
es enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
es ene feb mar abr may jun jul ago sept oct nov dic
pt janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
pt jan fev mar abr mai jun jul ago set out nov dez
it gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
it gen feb mar apr mag giu lug ago set ott nov dic
nl januari februari maart april mei juni juli augustus september oktober november december
nl jan feb mrt apr mei jun jul aug sep okt nov dec
da januar februar marts april maj juni juli august september oktober november december
sv januari februari mars april maj juni juli augusti september oktober november december
no januar februar mars april mai juni juli august september oktober november desember
no jan feb mar apr mai jun jul aug sep okt nov des
fi tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
tr ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
pl stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
cs ledna února března dubna května června července srpna září října listopadu prosince
sk januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
hu január február március április május június július augusztus szeptember október november december
ro ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
hr siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
sr januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
sl januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra
ru января февраля марта апреля мая июня июля августа сентября октября ноября декабря
uk січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
bg януари февруари март април май юни юли август септември октомври ноември декември
el ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
ar يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ar كانون-الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين-الأول تشرين-الثاني كانون-الأول
he ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
id januari februari maret april mei juni juli agustus september oktober november desember
et jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
lv janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris
lt sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
az yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
"""


def _table() -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {}
    for line in _NAMES.split("\n"):
        language, *names = line.split()[:13] or [""]
        for number, name in enumerate(names, 1):
            tables.setdefault(language, {}).setdefault(fold(name.replace("-", " ")), number)
    return tables


BY_LANGUAGE = _table()
# Croatian and Polish "listopad" is not the same month: the page's own language goes first, then the first that has it.
ANY: dict[str, int] = {}
for _table_of_one in BY_LANGUAGE.values():
    for _name, _number in _table_of_one.items():
        ANY.setdefault(_name, _number)

# Hours from UTC of the abbreviations that news pages print. Those with several meanings (IST, CST) are left out.
ZONES = {
    "utc": 0.0, "gmt": 0.0, "z": 0.0, "wet": 0.0, "bst": 1.0, "west": 1.0, "cet": 1.0, "mez": 1.0, "cest": 2.0,
    "mesz": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0, "trt": 3.0, "est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0,
    "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "jst": 9.0, "kst": 9.0, "hkt": 8.0, "sgt": 8.0, "wib": 7.0, "aest": 10.0,
    "aedt": 11.0, "sast": 2.0,
}  # fmt: skip
