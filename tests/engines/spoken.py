"""Short reports in languages that no other test text is written in, for words that are found by their stems."""

from __future__ import annotations

from tests.quality.republishing import Source

# Of four, nobody republishes the last one.
TEXTS = (
    Source(
        "Le marché couvert de Larmont rouvre après trois ans de travaux",
        "Le marché couvert de Larmont a rouvert ses portes samedi matin après trois années de travaux. Les marchands "
        "ont retrouvé leurs étals sous une charpente entièrement réparée, et les habitants faisaient la queue devant "
        "les fromagers dès sept heures. La municipalité avait voté les crédits malgré les critiques de l'opposition, "
        "qui jugeait le chantier trop coûteux.\n\nLa maire a remercié les artisans et annoncé que les loyers "
        "resteraient inchangés pendant deux ans. Plusieurs vendeurs espèrent de nouveaux clients venus des villages "
        "voisins, car les bus s'arrêtent désormais devant l'entrée principale. Les associations demandent encore des "
        "places de stationnement pour les vélos.",
        "fr",
    ),
    Source(
        "A Montelupa riapre la vecchia ferrovia delle colline",
        "La vecchia ferrovia che attraversa le colline di Montelupa ha ripreso a funzionare domenica con due treni "
        "al giorno. I viaggiatori hanno applaudito quando la locomotiva ha lasciato la stazione, addobbata con le "
        "bandiere dei comuni. I lavori sono durati cinque anni e sono costati dodici milioni.\n\nGli abitanti delle "
        "frazioni chiedevano da tempo collegamenti migliori con le scuole e gli ospedali della città. La regione ha "
        "promesso nuovi orari per gli studenti e biglietti ridotti per gli anziani. Gli albergatori sperano che i "
        "turisti stranieri scoprano i sentieri e le cantine della valle.",
        "it",
    ),
    Source(
        "Bewoners van Oudewaarde bouwen samen een nieuwe brug",
        "De bewoners van Oudewaarde hebben zaterdag een nieuwe houten brug geopend die zij zelf hebben gebouwd. "
        "Zestig vrijwilligers werkten acht maanden lang aan de palen, planken en leuningen. De gemeente betaalde de "
        "materialen en leverde tekeningen van een oude brug uit de archieven.\n\nKinderen fietsten als eersten naar de "
        "overkant, gevolgd door muzikanten en boeren met versierde wagens. De burgemeester prees de werkers en "
        "beloofde dat de wegen langs het kanaal volgend jaar worden hersteld. Schippers krijgen nieuwe ligplaatsen, "
        "en de scholen organiseren wandelingen over de geschiedenis van het water.",
        "nl",
    ),
    Source(
        "Mieszkańcy Starej Woli odbudowali młyn nad rzeką",
        "Mieszkańcy Starej Woli odbudowali w ciągu czterech lat drewniany młyn nad rzeką. W niedzielę koła znów się "
        "obracały, a piekarze sprzedawali pierwsze bochenki z miejscowej mąki. Gmina dołożyła pieniądze na dach i "
        "drogę, resztę zebrały stowarzyszenia.\n\nNauczyciele przyprowadzają uczniów na lekcje o dawnych rzemiosłach. "
        "Rolnicy chcą uprawiać stare odmiany zbóż, bo ceny w młynie są lepsze niż w mieście. Burmistrz zapowiedział "
        "ścieżki rowerowe i przystań dla kajaków, choć ekolodzy proszą o spokój dla ptaków gniazdujących w trzcinach.",
        "pl",
    ),
    Source(
        "Pescadores de Almareira recebem novos barcos antes do inverno",
        "Os pescadores de Almareira receberam na terça-feira seis novos barcos construídos nos estaleiros da região. "
        "As embarcações substituem as que foram destruídas pelas tempestades do ano passado. O governo pagou dois "
        "terços dos custos e as cooperativas assumiram os empréstimos restantes.\n\nAs famílias celebraram a entrega "
        "no cais com música e comida. Os trabalhadores mais jovens dizem que voltarão ao mar, porque as condições "
        "melhoraram. A ministra visitou as oficinas e prometeu escolas profissionais para os filhos dos marinheiros, "
        "além de faróis modernos nas ilhas próximas.",
        "pt",
    ),
    Source(
        "Nya bibliotek ger byarna i Norrvik längre öppettider",
        "Byarna kring Norrvik får i höst tre nya bibliotek som håller öppet även på kvällarna. Kommunen har köpt "
        "böckerna tillsammans med föreningarna, och eleverna valde själva de första hyllornas romaner. Invånarna hade "
        "länge klagat på att bussarna till staden går för sällan.\n\nBibliotekarierna hoppas att barnen kommer med "
        "sina föräldrar och att de äldre hittar nya vänner vid borden. Politikerna lovade att betala lönerna i minst "
        "fyra år. Snickarna byggde bänkar av gamla båtar, och konstnärerna målade väggarna med fiskar, skogar och "
        "fjällen som syns genom fönstren.",
        "sv",
    ),
    Source(
        "В Верхнереченске открыли мост через старую реку",
        "Жители Верхнереченска в субботу впервые прошли по новому мосту через старую реку. Строители работали два "
        "года и закончили раньше срока, хотя зимние морозы останавливали работы несколько раз. Городские власти "
        "потратили на строительство половину годового бюджета.\n\nШкольники украсили перила цветами, а рыбаки "
        "показывали детям свои лодки. Инженеры обещают, что мост выдержит самые сильные наводнения. Автобусы поедут "
        "по новым маршрутам, и дорога до больницы станет короче для всех деревень на другом берегу. Магазины на "
        "набережных уже ждут покупателей из соседних городов.",
        "ru",
    ),
    Source(
        "El puerto de Valmora estrena un mercado de pescadores",
        "El puerto de Valmora inauguró el viernes un nuevo mercado donde los pescadores venden directamente a los "
        "vecinos. Las familias llegaron temprano y compraron sardinas, merluzas y pulpos recién capturados. El "
        "ayuntamiento pagó la mitad de las obras y las cofradías pusieron el resto.\n\nLos comerciantes del centro "
        "temen perder clientes, pero la alcaldesa aseguró que los precios serán parecidos. Las autoridades sanitarias "
        "revisarán las instalaciones cada semana durante los primeros meses. Muchos jóvenes trabajadores encontraron "
        "empleo en los almacenes refrigerados construidos junto al muelle viejo.",
        "es",
    ),
    Source(
        "مدينة الواحة تفتتح مكتبة جديدة للأطفال",
        "افتتحت مدينة الواحة يوم السبت مكتبة جديدة للأطفال في المبنى القديم قرب السوق. حضر الافتتاح مئات العائلات "
        "والمعلمين والطلاب، وقرأ الكتاب قصصا قصيرة للحاضرين. قالت مديرة المكتبة إن الكتب جمعت من تبرعات السكان خلال "
        "ثلاث سنوات.\n\nيأمل المعلمون أن تساعد المكتبة الطلاب على القراءة بعد المدرسة، وأن تجد الأمهات مكانا هادئا مع "
        "أطفالهن. وعدت البلدية بتوفير الحافلات من القرى القريبة، وستعمل المكتبة كل أيام الأسبوع. رسم الفنانون الشباب "
        "لوحات على الجدران تظهر النخيل والآبار والجمال، وقدمت المدارس عروضا موسيقية للزوار.",
        "ar",
    ),
)
