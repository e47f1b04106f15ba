"""Words that are in so many texts that they say nothing about what somebody looks for. Pure.

Left out are words that are names or subjects elsewhere: AI, EU, US, UN, Go, C, war.
"""

from storage.search.folding import fold

_WORDS = """
dont doesnt didnt cant wont isnt arent wasnt
a about after all also am an and any are as at be been before being between but by can could did do
does doing done for from had has have having he her here him his how i if in into is it its just me
more most my no not of off on or our out over own please she should so some such than that the their
them then there these they this those to too under until up very was we were what when where which
while who whom whose why will with would you your

aber alle als also am an auch auf aus bei bin bis bist da damit das dass dein dem den der des dies
diese dieser dieses doch du durch ein eine einem einen einer eines er es etwas euch fur gegen gibt
hatte haben ich ihr ihre im in ins ist ja kann kein keine mein mich mir mit nach nicht noch nun nur
ob oder ohne schon sein seine sich sie sind so uber um und uns unser unter vom von vor wann waren
warum was wegen weil welche welcher welches wenn wer werden wie wieder wir wird wo wurde wurden zu
zum zur

a au aux avec ce ces cette comme d dans de des du elles en est et etait ete etre eux il ils j je l
la le les leur leurs lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par pas
pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si sont sous sur t ta te
toi tu une vos votre vous y

al algo antes como contra cual cuales cuando de del desde donde durante e el ella ellas ellos en
entre es esa ese eso esta estan estas este esto estos fue fueron ha han hasta hay la le les lo mas
me mi muy nada ni no nos nosotros o otra otro para pero por porque que quien quienes se ser si sobre
su sus tambien te tiene todo todos tu una uno unos y ya yo

ao aos as com da das de dela dele depois do dos e ela ele eles em entre essa esse esta este foi
foram ha isso isto ja lhe mais mas me meu minha muito na nao nas nem no nos o onde ou para pela pelo
por porque qual quais quando que quem se sem ser seu seus sua suas tambem te tem um uma voce

agli al alla alle anche che chi ci come cosa cui da dal dalla dalle degli dei del della delle di
dove e ed gli ha hanno il in io l la le lo loro ma mi nei nel nella non o per perche piu quale quali
quando quello questa questo se sei si sono su sua sul sulla suo ti tra tu una uno

aan al als bij dan dat de der deze dit een en er had heb hebben heeft het hij hoe hun ik in is je
kan maar meer met mijn naar niet nog nu of om ons ook op over te tegen tot uit veel voor waar waarom
wanneer waren was wat we welke werd wie wij wordt zal ze zich zij zijn zo

af alt att av blev blir da de deg dem den denna der deras dess det detta dig din du eller en er ett
ett fick fikk for fra fran ha hade hadde han har hon hun hur hva hvad hvem hvor hvorfor i ikke inte
jag jeg kan med mellan mellom mig mot nar noe och og om oss pa sa sig ska skal som till til um und
under upp ut vad var vara varfor ved vem vi vid vil vilka

bir bu da daha de en gibi hangi icin ile kadar kim mi mu nasil ne neden nerede niye o olan olarak
sonra su ve veya ya

ale by byl bylo co czy dla do gdy gdzie i ich ile jak jaki jako jest jego jej juz kiedy kto ktora
ktore ktory ma mi na nad nie o od po pod przez przy sa sie ta tak tego to tu tylko w we z za ze

а без был была были было в во вот вы где да для до его ее если есть же за и из или им их к как какая
какие какой когда кто ли мы на над не нет но о об он она они оно от по под почему при про с со так
также там то тоже только ты у уже что чтобы это этот я але був була було від він вона вони де для до
з за й коли ми на не ні про та так це чи чому що як

ο η το οι τα του της των τον την στο στη στην και να για με που πως τι από σε είναι

في من على الى عن مع هذا هذه ذلك ما ماذا هل كيف لماذا متى اين و او ان كان التي الذي
"""
_NEWS_WORDS = """
article articles find happen happened happening happens latest news recent recently show stories
story today update updates nachrichten neues neuigkeiten passiert actualite actualites arrive
nouvelles passe noticia noticias pasa paso aconteceu notizie successo nieuws nyheter oldu haber
haberler wiadomosci новости случилось произошло اخبار
"""

# Articles, pronouns, prepositions, auxiliary verbs and question words of the languages that are
# read most on the web.
COMMON_WORDS = frozenset(map(fold, _WORDS.split()))
# What people add to a question about the news.
NEWS_WORDS = frozenset(map(fold, _NEWS_WORDS.split()))
