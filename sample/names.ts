/** Made-up people's names: common given and family names of many languages, in the scripts they are written in. */

export interface Names {
  men: string[];
  women: string[];
  /** A man's and a woman's form, which many Slavic and Baltic languages tell apart. */
  families: [string, string][];
}

/** @param families names between spaces, `Иванов/Иванова` where the forms differ; `_` stands for a space in a name. */
function names(men: string, women: string, families: string): Names {
  const words = (text: string) => text.split(' ').map((word) => word.replaceAll('_', ' '));
  return {
    men: words(men),
    women: words(women),
    families: words(families).map((family) => {
      const [his, hers] = family.split('/');
      return [his!, hers ?? his!];
    }),
  };
}

export const NAMES: Record<string, Names> = {
  english: names(
    "James Robert John Michael David William Richard Thomas Charles Daniel Matthew Oliver George Harry Jack D'Arcy Liam Noah Ethan Seán",
    'Mary Patricia Jennifer Linda Elizabeth Susan Jessica Sarah Emily Charlotte Amelia Olivia Chloé Zoë Aoife Siobhán Anne-Marie Grace Emma Sophie',
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Martin Lee Thompson White Harris Clark Lewis Walker O'Brien O'Connor MacDonald Smith-Jones Fitzgerald",
  ),
  spanish: names(
    'José Juan Luis Carlos Jesús Miguel Ángel Francisco Javier Andrés Martín Sebastián Raúl Iván Joaquín Íñigo',
    'María Carmen Ana Lucía Sofía Isabella Paula Elena Rocío Inés Begoña Camila Valentina María_José Verónica Núria',
    'García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Díaz Muñoz Núñez Ibáñez de_la_Cruz Castañeda Peña',
  ),
  portuguese: names(
    'João José António Francisco Pedro Tiago Gonçalo Luís Rui Caio Thiago Estêvão',
    'Maria Ana Beatriz Mariana Inês Conceição Letícia Júlia Fernanda Antônia Luísa Assunção',
    'Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Gonçalves Simões Magalhães dos_Santos Araújo Brandão Guimarães',
  ),
  french: names(
    'Jean Pierre Michel Philippe Nicolas François Rémi Jérôme Théo Loïc Gaël Benoît Jean-Baptiste Stéphane',
    'Marie Nathalie Isabelle Sylvie Chloé Léa Camille Hélène Anaïs Zoé Geneviève Marie-Thérèse Noémie Maëlle',
    "Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Lefèvre Girard Lefebvre Bélanger Côté D'Amours Beauséjour Hervé",
  ),
  german: names(
    'Jürgen Hans Klaus Stefan Andreas Thomas Björn Jörg Günther Maximilian Felix Lukas Matthias Götz Uwe Karl-Heinz',
    'Anna Ursula Sabine Petra Käthe Jörgine Heike Lena Hannah Sophie Annegret Bärbel Anneliese Zoë Marlene Eva-Maria',
    'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Groß Weiß Böhm Jäger von_der_Heide Köhler Strauß',
  ),
  dutch: names(
    'Jan Pieter Daan Sem Bram Lucas Willem Joost Maarten Thijs Ruben Jeroen',
    'Emma Sanne Fleur Anouk Lotte Femke Maaike Noëlle Sophie Marijke Daniëlle Roos',
    "de_Jong Jansen de_Vries van_den_Berg Bakker van_Dijk Visser Smit Meijer de_Boer van_'t_Hoff Mulder Bos Vos van_der_Meer",
  ),
  italian: names(
    'Marco Giuseppe Antonio Luca Andrea Matteo Nicolò Alessandro Giovanni Paolo Niccolò Lorenzo',
    'Giulia Chiara Francesca Sara Martina Elena Maria Lucia Noemi Ludovica Alessia Beatrice',
    "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino D'Angelo De_Luca Conti Nicolò Dell'Acqua Mancini",
  ),
  polish: names(
    'Łukasz Piotr Krzysztof Andrzej Tomasz Paweł Michał Wojciech Grzegorz Jacek Rafał Bartłomiej',
    'Anna Małgorzata Agnieszka Katarzyna Zofia Joanna Grażyna Elżbieta Żaneta Aleksandra Świętosława Bożena',
    'Nowak Kowalski/Kowalska Wiśniewski/Wiśniewska Wójcik Kowalczyk Kamiński/Kamińska Lewandowski/Lewandowska Zieliński/Zielińska Szymański/Szymańska Woźniak Dąbrowski/Dąbrowska Kozłowski/Kozłowska',
  ),
  czech: names(
    'Jiří Jan Petr Tomáš Ondřej Zdeněk Vojtěch Matěj Luboš Štěpán',
    'Jana Eva Lenka Věra Kateřina Zuzana Tereza Markéta Eliška Šárka',
    'Novák/Nováková Svoboda/Svobodová Novotný/Novotná Dvořák/Dvořáková Černý/Černá Procházka/Procházková Kučera/Kučerová Veselý/Veselá Horák/Horáková Růžička/Růžičková',
  ),
  romanian: names(
    'Andrei Alexandru Ștefan Mihai Ionuț Gheorghe Cătălin Răzvan Dragoș Vlad',
    'Maria Ioana Elena Andreea Mădălina Ștefania Anca Raluca Mihaela Bianca',
    'Popescu Ionescu Dumitru Stoica Țurcanu Munteanu Șerban Constantin Rusu Crăciun Lazăr Dobre',
  ),
  hungarian: names(
    'László István József Zoltán Gábor Péter Tamás Attila Bálint Ödön',
    'Éva Katalin Ilona Zsuzsanna Judit Ágnes Erzsébet Réka Boglárka Csilla',
    'Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Őri Gál',
  ),
  nordic: names(
    'Søren Lars Bjørn Håkon Åke Mats Jens Erik Gösta Kåre Øystein Magnus',
    'Åse Ingrid Kirsten Astrid Signe Märta Solveig Freja Tuva Bodil Karin Sigrún',
    'Hansen Johansson Åkesson Sørensen Nilsson Bjørnstad Lindström Ødegård Jørgensen Sjöberg Kjær Østergaard Þórsson',
  ),
  finnish: names(
    'Jukka Matti Väinö Pekka Eero Antti Mikko Ville Päiviö Kyösti',
    'Aino Päivi Leena Maija Sanna Hilkka Kaisa Outi Tytti Irmeli',
    'Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Järvinen Pöysti',
  ),
  baltic: names(
    'Jānis Mārtiņš Andris Edgars Jonas Mantas Tomas Žygimantas Kārlis Šarūnas',
    'Līga Anna Inga Kristīne Ieva Rūta Eglė Živilė Daiva Agnė',
    'Bērziņš/Bērziņa Kalniņš/Kalniņa Ozols/Ozola Liepiņš/Liepiņa Kazlauskas/Kazlauskienė Petrauskas/Petrauskaitė Jankauskas/Jankauskienė Žukauskas/Žukauskienė',
  ),
  serbian: names(
    'Nikola Marko Đorđe Miloš Стефан Лука Никола Ђорђе Vuk Željko',
    'Ana Milica Đurđica Jelena Јована Милица Љиљана Dragana Nevena Žaklina',
    'Jovanović Petrović Nikolić Đorđević Horvat Јовановић Петровић Живковић Kovačević Babić Šarić',
  ),
  bulgarian: names(
    'Георги Димитър Иван Петър Христо Александър Борислав Кирил',
    'Мария Елена Ивелина Десислава Цветелина Радка Гергана Йорданка',
    'Иванов/Иванова Георгиев/Георгиева Димитров/Димитрова Петров/Петрова Николов/Николова Стоянов/Стоянова Щерев/Щерева',
  ),
  russian: names(
    'Иван Александр Дмитрий Сергей Алексей Андрей Пётр Фёдор Юрий Илья Николай Михаил',
    'Мария Анна Ольга Елена Наталья Екатерина Юлия Ксения Алёна Дарья Татьяна Любовь',
    'Иванов/Иванова Смирнов/Смирнова Кузнецов/Кузнецова Попов/Попова Соколов/Соколова Соловьёв/Соловьёва Козлов/Козлова Морозов/Морозова Щербаков/Щербакова Достоевский/Достоевская Королёв/Королёва Шевченко',
  ),
  ukrainian: names(
    "Олександр Андрій Іван Сергій Дмитро Юрій Тарас Богдан Ігор Лук'ян Євген Ярослав",
    'Марія Олена Наталія Ірина Оксана Ганна Юлія Леся Соломія Євгенія Любов Тетяна',
    "Шевченко Коваленко Бондаренко Ткаченко Кравченко Мельник Бойко Коваль Лисенко Савченко Руденко Пилипенко Дем'яненко Франківський/Франківська",
  ),
  greek: names(
    'Γιώργος Νίκος Κώστας Δημήτρης Γιάννης Παναγιώτης Βασίλης Χρήστος Αλέξανδρος Σπύρος',
    'Μαρία Ελένη Στέλλα Κατερίνα Βασιλική Σοφία Αγγελική Δήμητρα Ειρήνη Αφροδίτη',
    'Παπαδόπουλος/Παπαδοπούλου Παππάς/Παππά Γεωργίου Νικολάου Καραγιάννης/Καραγιάννη Οικονόμου Μακρής/Μακρή Αντωνίου Βλάχος/Βλάχου',
  ),
  turkish: names(
    'Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim Ömer Yiğit Çağrı Özgür Barış',
    'Fatma Ayşe Emine Zeynep Elif Hatice Şule Gülşen Ebru Özlem İpek Çiğdem',
    'Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Işık',
  ),
  armenian: names(
    'Արմեն Գարեգին Հովհաննես Տիգրան Վահան Դավիթ Արթուր Նարեկ Սուրեն Հայկ',
    'Անահիտ Մարիամ Նարե Լուսինե Շուշան Աստղիկ Գոհար Սոնա Հասմիկ Մանե',
    'Պետրոսյան Հովհաննիսյան Սարգսյան Գրիգորյան Հարությունյան Խաչատրյան Մկրտչյան Ավետիսյան Ղազարյան Տեր-Պետրոսյան',
  ),
  armenianLatin: names(
    'Armen Karen Tigran Davit Narek Gevorg Hayk Suren Vardan Levon',
    'Anahit Mariam Nare Lusine Ani Gohar Hasmik Sona Astghik Mane',
    'Petrosyan Hovhannisyan Sargsyan Grigoryan Harutyunyan Khachatryan Mkrtchyan Avetisyan Ghazaryan Ter-Petrosyan',
  ),
  georgian: names(
    'გიორგი ნიკა ლუკა დავით ირაკლი ლევან ზურაბ თორნიკე',
    'ნინო მარიამ თამარ ანა ეკატერინე ნათია ქეთევან სალომე',
    'ბერიძე კაპანაძე გელაშვილი მაისურაძე გიორგაძე ლომიძე წიკლაური კვარაცხელია',
  ),
  arabic: names(
    'محمد أحمد علي عمر خالد يوسف إبراهيم عبد_الله حسن مصطفى Mohammed Khalid',
    'فاطمة مريم عائشة نور سارة ليلى هدى زينب آمنة رنا Layla Noor',
    'العلي الخطيب حداد المصري النجار الحسن عبد_الرحمن منصور السيد القاسم Al-Farsi Haddad',
  ),
  hebrew: names(
    'דוד יוסף משה אריאל נועם איתי יונתן אורי עידו Noam',
    'נועה שרה רחל תמר יעל מאיה שירה אביגיל רבקה Yael',
    "כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן שפירא Ben-David בן-דוד ג'רבי",
  ),
  indian: names(
    'Rahul Amit Arjun Vikram Rohan Sanjay Karthik Imran Rajesh Suresh Aditya Harpreet',
    'Priya Ananya Pooja Lakshmi Divya Neha Kavya Sunita Fatima Meera Aishwarya Deepika',
    'Sharma Patel Singh Kumar Reddy Gupta Iyer Nair Khan Das Mehta Rao Krishnamurthy Chatterjee Banerjee',
  ),
  hindi: names(
    'राहुल अमित अर्जुन विक्रम संजय राजेश सुरेश आदित्य',
    'प्रिया अनन्या पूजा लक्ष्मी दिव्या नेहा सुनीता मीरा',
    'शर्मा पटेल सिंह कुमार गुप्ता यादव मिश्रा त्रिपाठी जोशी वर्मा',
  ),
  chinese: names(
    '伟 强 磊 军 洋 勇 杰 建国 志强 俊杰 浩然 Wei',
    '芳 娜 敏 静 丽 艳 秀英 桂英 玉兰 欣怡 雨桐 Xiuying',
    '王 李 张 刘 陈 杨 赵 黄 周 吴 欧阳 司马 Wang Chen',
  ),
  japanese: names(
    '翔太 健一 大輔 拓也 直樹 蓮 悠斗 太郎 ケン 一郎',
    '美咲 さくら 陽子 恵子 結衣 葵 花子 ゆかり ナオミ 久美子',
    '佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 髙橋 斉藤',
  ),
  korean: names(
    '민준 서준 도윤 예준 시우 주원 지호 준서 현우 성민',
    '서연 서윤 지우 서현 민서 하은 지민 수빈 은지 영희',
    '김 이 박 최 정 강 조 윤 장 임 남궁 황보',
  ),
  vietnamese: names(
    'Nguyễn_Văn Đức Hùng Tuấn Dũng Minh Quân Phúc Thắng Hoàng Khánh Trường',
    'Thị_Hương Lan Phương Thảo Ngọc Linh Hằng Trâm Mỹ_Duyên Tuyết Yến Quỳnh',
    'Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương',
  ),
  thai: names(
    'สมชาย ธนากร ณัฐพล วีระ ประเสริฐ กิตติ อนุชา ชัยวัฒน์',
    'สมหญิง กัญญา นภา สุดา มาลี วรรณา พรทิพย์ อรุณี',
    'ใจดี ทองดี ศรีสุข แก้วมณี บุญมี สุขสวัสดิ์ วงศ์สวัสดิ์ รัตนพันธ์',
  ),
  indonesian: names(
    'Budi Agus Ahmad Rizky Dewa Andi Hendra Muhammad Wayan Eko',
    'Siti Dewi Sri Putri Ayu Nur Rina Indah Ratna Fitri',
    'Wijaya Santoso Setiawan Hidayat Nugroho Susanto Binti_Ismail Siregar Rahman Kusuma',
  ),
  african: names(
    'Chinedu Emeka Tunde Kwame Kofi Sipho Thabo Juma Kamau Olúwaṣeun Babatunde Ọlá',
    'Ngozi Amara Chioma Adaeze Zainab Wanjiku Achieng Nomvula Thandiwe Folákẹ́ Lerato Aisha',
    "Okafor Adeyemi Balogun Eze Mensah Nkosi Dlamini Mwangi Otieno N'Diaye Ọbásanjọ́ Kamara Abubakar",
  ),
};
