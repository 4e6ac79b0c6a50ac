/**
 * The usual names of columns, for each field in the order of preference, compared without case, accents, spaces and
 * punctuation. Where a file has several phone columns the mobile one is wanted: messages go there.
 * Taken from exports of Google Contacts, Outlook, iCloud, Brevo, Mailchimp, HubSpot, Salesforce and Shopify, and from the
 * languages of Europe.
 */
import type { ContactField } from './contact-file.ts';

/** Columns of full names in which the family name comes first. */
export const FAMILY_FIRST_NAMES =
  'фио,фамилия имя отчество,піб,прізвище імʼя по батькові,name vorname,naam voornaam,név,teljes név,氏名,お名前,성명,ԱԱՀ';

/** What stands between the names of both parts in the name of a column: `Vorname und Nachname`. */
export const NAME_JOINTS = 'and,und,et,y,e,i,en,og,och,ja,ir,un,a,si,ve,va,và,и,й,і,та,και,և,და';

/**
 * A plain `Name` beside these is the last name: German and Dutch files have `Name` and `Vorname`. In other languages the
 * last name has a word of its own, and `Name` beside a first name repeats the whole.
 */
export const LAST_NAMES_BESIDE = [
  { name: 'name', beside: 'vorname,vornamen,rufname,voornaam,voornamen,roepnaam' },
  { name: 'naam', beside: 'voornaam,voornamen,roepnaam' },
];

export const COLUMN_NAMES: Record<ContactField, string[]> = {
  number: [
    // What is surely a number that takes messages. Ahead of a plain `number`, which may be a customer's.
    'mobile,mobile phone,mobile number,mobile no,mobile phone number,mobile telephone,mobile tel,phone mobile,phone (mobile),' +
      'msisdn,e164,cell,cell phone,cellphone,cell number,cell phone number,cellular,cellular phone,' +
      'whatsapp number,whatsapp phone,sms number,sms phone,sms phone number,viber number,' +
      'handy,handynummer,handynr,mobil,mobiltelefon,mobilnummer,mobilfunk,mobilfunknummer,mobilnr,mobile Nummer,Mobiltel,' +
      'portable,téléphone portable,tél portable,numéro de portable,numéro portable,mobile téléphone,téléphone mobile,numéro mobile,GSM,' +
      'móvil,teléfono móvil,número de móvil,número móvil,tel móvil,celular,teléfono celular,número celular,número de celular,' +
      'cellulare,numero cellulare,numero di cellulare,telefono cellulare,telefonino,' +
      'telemóvel,telefone celular,número de telemóvel,telefone móvel,' +
      'mobiel,mobiele telefoon,mobiel nummer,mobielnummer,mobiele nummer,gsm nummer,06 nummer,' +
      'komórka,telefon komórkowy,numer komórkowy,komórkowy,nr komórki,' +
      'mobilní telefon,mobilný telefón,mobilní číslo,mobilní,mobilný,mobitel,broj mobitela,mobilni telefon,broj mobilnog,' +
      'mobiltelefonnummer,mobilnummer,matkapuhelin,matkapuhelinnumero,kännykkä,mobiili,mobiiltelefon,' +
      'telefon mobil,număr mobil,mobiltelefonszám,mobilszám,cep telefonu,cep,cep no,cep tel,gsm no,' +
      'κινητό,κινητό τηλέφωνο,мобильный,мобильный телефон,мобильный номер,сотовый,сотовый телефон,мобільний,мобільний телефон,' +
      'мобилен,мобилен телефон,мобилни,բջջային,բջջային հեռախոս,მობილური,נייד,טלפון נייד,جوال,الجوال,رقم الجوال,موبايل,' +
      'mobilais,mobilais telefons,mobilusis,mobilus telefonas,' +
      'tél mobile,mobile tél,télémobile,n° mobile,n° portable,n° de portable,mobil tel,mobil nr,mobiltlf,mobil telefonu,' +
      'telefono cell,cell nr,nº móvil,n° cellulare,numer telefonu komórkowego,telefon komórkowy 1,мобильный телефон 1,моб,моб телефон,моб тел,' +
      'номер мобильного,номер мобильного телефона,номер мобільного,номер мобільного телефону,моб номер,αριθμός κινητού,կապի բջջային,բջջային համար,mobilní telefonní číslo',
    'phone,phone number,phone no,phone nr,phone num,telephone,telephone number,telephone no,tel,tel no,tel number,' +
      'contact number,contact phone,contact no,formatted phone,phone : mobile,primary phone,main phone,default phone,primary phone number,phone 1,phone1,' +
      'phone 1 - value,phone 1 value,recipient,recipient number,customer phone,subscriber number,phones,phone numbers,' +
      'telefon,telefonnummer,telefonnr,rufnummer,tel nr,telefon 1,' +
      'téléphone,numéro de téléphone,numéro téléphone,no de téléphone,n° de téléphone,n° téléphone,tél,' +
      'teléfono,número de teléfono,número teléfono,nº de teléfono,tlf,tfno,telefono 1,' +
      'telefono,numero di telefono,numero telefono,recapito,recapito telefonico,' +
      'telefone,número de telefone,telefoon,telefoonnummer,numer telefonu,nr telefonu,nr tel,' +
      'telefonní číslo,telefónne číslo,telefón,číslo telefonu,broj telefona,telefonska številka,tlf nr,tlf nummer,' +
      'puhelin,puhelinnumero,puh,telefoninumber,tālrunis,telefonas,telefono numeris,telefona numurs,telefons,sími,símanúmer,' +
      'număr de telefon,numar telefon,telefonszám,telefon numarası,telefon no,' +
      'τηλέφωνο,αριθμός τηλεφώνου,телефон,номер телефона,тел,номер телефону,телефонен номер,број телефона,' +
      'հեռախոս,հեռախոսահամար,ტელეფონი,ტელეფონის ნომერი,טלפון,מספר טלפון,هاتف,الهاتف,رقم الهاتف,تلفن,شماره تلفن,' +
      '电话,電話,电话号码,電話番号,手机,手机号,手机号码,携帯,携帯電話,전화번호,휴대폰,휴대전화,điện thoại,số điện thoại,फ़ोन,मोबाइल,เบอร์โทร,โทรศัพท์',
    'number,numbers,nummer,numéro,número,numero,numer,číslo,broj,numerot,numero 1,szám,numara,αριθμός,номер,համար,ნომერი,מספר,رقم',
    'sms,whatsapp,whats app,wa number,viber,telegram phone',
    'phone 2 - value,phone 2,other phone,alternate phone,secondary phone,home phone,home tel,home number,home telephone,' +
      'business phone,work phone,work number,office phone,company main phone,landline,landline number,home phone 2,' +
      'business phone 2,car phone,default address phone,billing phone,shipping phone,haupttelefon,weiteres telefon,telefon firma,' +
      'telefon (privat),telefon beruflich,téléphone (domicile),téléphone (bureau),festnetz,festnetznummer,telefon privat,telefon geschäftlich,téléphone fixe,fixe,' +
      'teléfono fijo,fijo,telefono fisso,fisso,telefone fixo,phone 3 - value,phone 3,vaste telefoon',
  ],
  first_name: [
    'first name,first_name,firstname,fname,given name,first,christian name,forename,givenname,first names,given names,forenames,' +
      'contact first name,customer first name,billing first name,' +
      'vorname,vornamen,prénom,prénoms,primer nombre,nombre de pila,primeiro nome,nome próprio,voornaam,roepnaam,imię,imiona,jméno,křestní jméno,' +
      'krstné meno,ime,fornavn,förnamn,etunimi,eesnimi,vārds,vardas,prenume,keresztnév,utónév,ad,adı,isim,' +
      'όνομα,μικρό όνομα,имя,имʼя,імʼя,імя,име,собствено име,անուն,სახელი,שם פרטי,الاسم الأول,نام,名,名字,이름,ชื่อ,tên,eiginnafn',
    'nombre,nombres,nome,meno',
    'preferred name,nickname,rufname',
  ],
  last_name: [
    'last name,last_name,lastname,lname,family name,surname,last,second name,familyname,sur name,last names,surnames,' +
      'contact last name,customer last name,billing last name,' +
      'nachname,familienname,zuname,nachnamen,nom de famille,apellido,apellidos,primer apellido,cognome,sobrenome,apelido,último nome,' +
      'achternaam,familienaam,nazwisko,příjmení,priezvisko,prezime,priimek,etternavn,efternavn,efternamn,sukunimi,' +
      'perekonnanimi,uzvārds,pavardė,nume de familie,vezetéknév,családnév,soyad,soyadı,soyisim,' +
      'επώνυμο,επίθετο,фамилия,прізвище,презиме,фамилно име,ազգանուն,გვარი,שם משפחה,اسم العائلة,اللقب,نام خانوادگی,' +
      '姓,姓氏,성,นามสกุล,họ,eftirnafn',
    'nom,nume',
  ],
  full_name: [
    `${FAMILY_FIRST_NAMES},` +
      'full name,fullname,full_name,display name,contact name,customer name,client name,recipient name,subscriber name,' +
      'contact person,complete name,fn,billing name,shipping name,' +
      'vorname name,vor- und nachname,vor und zuname,vollständiger name,voller name,ansprechpartner,kontaktperson,kontaktname,' +
      'kundenname,nom complet,nom du client,nom du contact,nom affiché,nombre completo,nombre del cliente,nombre de contacto,' +
      'nombre del contacto,nome completo,nominativo,nome cliente,nome do cliente,nome do contato,volledige naam,voornaam naam,' +
      'voor- en achternaam,klantnaam,contactpersoon,pełne imię i nazwisko,celé jméno,celé meno,puno ime,' +
      'fullständigt namn,för- och efternamn,for- og etternavn,for- og efternavn,fulde navn,fullt navn,kontaktperson,koko nimi,' +
      'täisnimi,pilns vārds,nume complet,tam ad,ad ve soyad,müşteri adı,ονοματεπώνυμο,πλήρες όνομα,полное имя,имя клиента,' +
      'контактное лицо,повне імʼя,повне імя,імʼя клієнта,контактна особа,три имена,трите имена,ամբողջական անուն,' +
      'სრული სახელი,שם מלא,الاسم الكامل,フルネーム,nama lengkap',
    'name,naam,namn,navn,nimi,שם,الاسم,नाम,nama,saved name',
    'public name,profile name,whatsapp name',
  ],
  timestamp: ['timestamp,time stamp', 'custom1,custom 1,custom field 1', 'time,uhrzeit,zeit,heure,hora,ora,время,ժամ'],
  date: [
    'date',
    'custom2,custom 2,custom field 2',
    'datum,fecha,data,dato,päivämäärä,дата,ημερομηνία,dátum,tarih,ամսաթիվ',
  ],
  tags: [
    'tags,tag',
    'labels,label,groups,group,group membership,categories,category,segments,segment,lists,list,' +
      'schlagwörter,schlagworte,gruppen,gruppe,kategorien,kategorie,etikett,étiquettes,étiquette,groupes,groupe,catégories,' +
      'etiquetas,etiqueta,grupos,grupo,etichette,etichetta,gruppi,gruppo,categorie,labels,groepen,groep,etykiety,etykieta,grupy,grupa,' +
      'štítky,skupiny,skupina,etiketter,grupper,grupp,tagit,ryhmät,címkék,csoportok,etichete,grupuri,etiketler,gruplar,' +
      'ετικέτες,ομάδες,метки,теги,группы,группа,мітки,групи,етикети,պիտակներ,խմբեր',
  ],
};
