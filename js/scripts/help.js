/**
 * What a person reads when a request ends with an error: one sentence that says what to do next.
 * Several codes share a sentence when the next step is the same. make_errors.js puts these into
 * errors.js and refuses a code that has no sentence.
 * @typedef {{ codes: string[], fi: string, sv: string, en: string }} Help
 */

/** Codes of the page library itself, beside those of src/base/err.def: name → may the user retry. */
export const OWN_CODES = {
  NOT_INSTALLED: true,
  PERMISSION_DENIED: true,
  INSECURE_CONTEXT: false,
  PROTOCOL: true,
};

/** @type {Help[]} */
export const HELP = [
  {
    codes: ['MALFORMED', 'REQUEST_INVALID', 'METHOD_UNKNOWN', 'ARGUMENT', 'UNSUPPORTED', 'ORIGIN_INVALID', 'HOST_INVALID', 'NOT_BOUND'],
    fi: 'Palvelun pyynnössä on virhe. Kerro siitä palvelun ylläpitäjälle.',
    sv: 'Tjänstens begäran är felaktig. Meddela den som driver tjänsten.',
    en: "The service's request is wrong. Tell the people who run the service.",
  },
  {
    codes: ['CERT_REVOKED'],
    fi: 'Kortin varmenne on suljettu. Käytä toista korttia tai ota yhteyttä kortin myöntäjään.',
    sv: 'Kortets certifikat är spärrat. Använd ett annat kort eller kontakta kortets utfärdare.',
    en: "The card's certificate has been revoked. Use another card, or contact the issuer of the card.",
  },
  {
    codes: ['CERT_UNCHECKED'],
    fi: 'Ei saatu selville, onko kortin varmenne suljettu. Tarkista verkkoyhteys ja yritä uudelleen.',
    sv: 'Det gick inte att ta reda på om kortets certifikat är spärrat. Kontrollera nätverksanslutningen och försök igen.',
    en: "It could not be found out whether the card's certificate has been revoked. Check the network connection and try again.",
  },
  {
    codes: ['TOO_LARGE'],
    fi: 'Asiakirjoja on kerralla liikaa. Valitse niitä vähemmän ja yritä uudelleen.',
    sv: 'Dokumenten är för stora på en gång. Välj färre och försök igen.',
    en: 'The documents are too large together. Choose fewer and try again.',
  },
  {
    codes: ['INTERNAL', 'NOMEM', 'SIGNATURE_BAD', 'PROMPT_FAILED'],
    fi: 'Korttisilta-ohjelmassa tapahtui virhe. Yritä uudelleen.',
    sv: 'Det blev ett fel i programmet Korttisilta. Försök igen.',
    en: 'The Korttisilta program had an error. Try again.',
  },
  {
    codes: ['ORIGIN_DENIED', 'PEER_DENIED'],
    fi: 'Tämän tietokoneen asetukset estävät tämän. Kysy IT-tuesta.',
    sv: 'Datorns inställningar tillåter inte detta. Fråga it-stödet.',
    en: "This computer's settings do not allow this. Ask your IT support.",
  },
  {
    codes: ['BUSY'],
    fi: 'Toinen pyyntö odottaa vastaustasi. Vastaa siihen ensin ja yritä sitten uudelleen.',
    sv: 'En annan begäran väntar på ditt svar. Besvara den först och försök sedan igen.',
    en: 'Another request is waiting for your answer. Answer it first, then try again.',
  },
  {
    codes: ['CANCELLED', 'ABORTED', 'PIN_LAST_TRY'],
    fi: 'Toiminto keskeytettiin. Aloita uudelleen, kun haluat jatkaa.',
    sv: 'Åtgärden avbröts. Börja om när du vill fortsätta.',
    en: 'This was cancelled. Start again when you want to go on.',
  },
  {
    codes: ['TIMED_OUT', 'PAD_TIMED_OUT'],
    fi: 'Aika loppui. Yritä uudelleen.',
    sv: 'Tiden tog slut. Försök igen.',
    en: 'Time ran out. Try again.',
  },
  {
    codes: ['PCSC_DOWN'],
    fi: 'Tietokoneen älykorttipalvelu ei ole käynnissä. Käynnistä tietokone uudelleen tai kysy IT-tuesta.',
    sv: 'Datorns smartkortstjänst är inte igång. Starta om datorn eller fråga it-stödet.',
    en: "The computer's smart card service is not running. Restart the computer or ask your IT support.",
  },
  {
    codes: ['NO_READER'],
    fi: 'Liitä kortinlukija tietokoneeseen ja yritä uudelleen.',
    sv: 'Anslut kortläsaren till datorn och försök igen.',
    en: 'Connect the card reader to the computer and try again.',
  },
  {
    codes: ['NO_CARD', 'CARD_REMOVED'],
    fi: 'Aseta kortti lukijaan, pidä se siellä ja yritä uudelleen.',
    sv: 'Sätt kortet i läsaren, låt det sitta kvar och försök igen.',
    en: 'Put the card into the reader, leave it there and try again.',
  },
  {
    codes: ['CARD_UNKNOWN', 'CERT_NOT_FOUND', 'ALG_UNSUPPORTED'],
    fi: 'Tämä kortti ei sovi tähän. Käytä toista korttia.',
    sv: 'Det här kortet passar inte för detta. Använd ett annat kort.',
    en: 'This card can not be used for this. Use another card.',
  },
  {
    codes: ['CARD_IO', 'CARD_STATUS', 'CARD_CHANGED', 'PAD_FAILED'],
    fi: 'Irrota kortti, aseta se takaisin ja yritä uudelleen.',
    sv: 'Ta ut kortet, sätt in det på nytt och försök igen.',
    en: 'Take the card out, put it back and try again.',
  },
  {
    codes: ['PIN_WRONG', 'PIN_FORMAT', 'PIN_DIFFERS'],
    fi: 'Tarkista tunnusluku ja yritä uudelleen.',
    sv: 'Kontrollera PIN-koden och försök igen.',
    en: 'Check the PIN and try again.',
  },
  {
    codes: ['PIN_REPEATED'],
    fi: 'Kortti hylkäsi äsken saman tunnusluvun. Tarkista, mikä tunnusluku on oikea, ja yritä uudelleen.',
    sv: 'Kortet avvisade nyss samma PIN-kod. Kontrollera vilken PIN-kod som är rätt och försök igen.',
    en: 'The card has just refused the same PIN. Check which PIN is the right one and try again.',
  },
  {
    codes: ['PIN_BLOCKED'],
    fi: 'Tunnusluku on lukittu. Avaa lukitus PUK-koodilla Korttisillan korttiohjelmassa.',
    sv: 'PIN-koden är spärrad. Lås upp den med PUK-koden i Korttisiltas kortprogram.',
    en: "The PIN is locked. Unlock it with the PUK in Korttisilta's card program.",
  },
  {
    codes: ['PIN_NOT_ACTIVATED'],
    fi: 'Korttia ei ole otettu käyttöön. Aktivoi se Korttisillan korttiohjelmassa.',
    sv: 'Kortet har inte tagits i bruk. Aktivera det i Korttisiltas kortprogram.',
    en: "The card is not activated. Activate it in Korttisilta's card program.",
  },
  {
    codes: ['DECRYPT_FAILED'],
    fi: 'Kortti ei voinut purkaa salausta. Tarkista, että viesti on salattu tälle kortille.',
    sv: 'Kortet kunde inte dekryptera. Kontrollera att meddelandet har krypterats till det här kortet.',
    en: 'The card could not decrypt this. Check that the message was encrypted to this card.',
  },
  {
    codes: ['CERT_INVALID'],
    fi: 'Kortin varmenne ei ole voimassa. Hanki uusi kortti.',
    sv: 'Kortets certifikat gäller inte. Skaffa ett nytt kort.',
    en: "The card's certificate is not valid. Get a new card.",
  },
  {
    codes: ['AGENT_DOWN', 'CLOSED', 'PROTOCOL'],
    fi: 'Yhteys Korttisilta-ohjelmaan katkesi. Yritä uudelleen; jos se ei auta, asenna ohjelma uudelleen.',
    sv: 'Kontakten med programmet Korttisilta bröts. Försök igen; om det inte hjälper, installera om programmet.',
    en: 'The connection to the Korttisilta program broke. Try again; if that does not help, reinstall the program.',
  },
  {
    codes: ['NOT_INSTALLED'],
    fi: 'Asenna Korttisilta-ohjelma ja sen selainlaajennus ja yritä uudelleen.',
    sv: 'Installera programmet Korttisilta och dess webbläsartillägg och försök igen.',
    en: 'Install the Korttisilta program and its browser extension, then try again.',
  },
  {
    codes: ['PERMISSION_DENIED'],
    fi: 'Salli selaimen sivustoasetuksissa tämän sivuston käyttää laitteen sovelluksia ja yritä uudelleen.',
    sv: 'Tillåt i webbläsarens inställningar att webbplatsen använder appar på enheten och försök igen.',
    en: "Allow this site to access apps on this device in the browser's site settings, then try again.",
  },
  {
    codes: ['INSECURE_CONTEXT'],
    fi: 'Avaa palvelu osoitteesta, joka alkaa https://.',
    sv: 'Öppna tjänsten med en adress som börjar med https://.',
    en: 'Open the service with an address that begins with https://.',
  },
];
