"""English names of countries with a coast, as cable lists write them, and their codes of ISO 3166-1 alpha-2."""

from awase.model.plan import Country

_TABLE = """
Albania AL|Algeria DZ|Angola AO|Argentina AR|Australia AU|Bahamas BS|Bahrain BH|Bangladesh BD|Barbados BB|Belgium BE
Belize BZ|Benin BJ|Bermuda BM|Brazil BR|Brunei BN|Bulgaria BG|Cambodia KH|Cameroon CM|Canada CA|Cape Verde CV
Cayman Islands KY|Chile CL|China CN|Colombia CO|Comoros KM|Congo, Dem. Rep. CD|Congo, Rep. CG|Cook Islands CK
Costa Rica CR|Côte d'Ivoire CI|Croatia HR|Cuba CU|Curaçao CW|Cyprus CY|Denmark DK|Djibouti DJ|Dominican Republic DO
Ecuador EC|Egypt EG|El Salvador SV|Equatorial Guinea GQ|Estonia EE|Faroe Islands FO|Fiji FJ|Finland FI|France FR
French Guiana GF|French Polynesia PF|Gabon GA|Gambia GM|Georgia GE|Germany DE|Ghana GH|Gibraltar GI|Greece GR
Greenland GL|Guadeloupe GP|Guam GU|Guatemala GT|Guernsey GG|Guinea GN|Guyana GY|Haiti HT|Honduras HN|Hong Kong HK
Iceland IS|India IN|Indonesia ID|Iran IR|Iraq IQ|Ireland IE|Isle of Man IM|Israel IL|Italy IT|Jamaica JM|Japan JP
Jersey JE|Jordan JO|Kenya KE|Kiribati KI|Korea, Rep. KR|South Korea KR|Kuwait KW|Latvia LV|Lebanon LB|Liberia LR
Libya LY|Lithuania LT|Macau MO|Madagascar MG|Malaysia MY|Maldives MV|Malta MT|Martinique MQ|Mauritania MR
Mauritius MU|Mexico MX|Micronesia FM|Monaco MC|Montenegro ME|Morocco MA|Mozambique MZ|Myanmar MM|Namibia NA
Netherlands NL|New Caledonia NC|New Zealand NZ|Nicaragua NI|Nigeria NG|Northern Mariana Islands MP|Norway NO|Oman OM
Pakistan PK|Palau PW|Panama PA|Papua New Guinea PG|Peru PE|Philippines PH|Poland PL|Portugal PT|Puerto Rico PR
Qatar QA|Romania RO|Russia RU|Réunion RE|Samoa WS|Saudi Arabia SA|Senegal SN|Seychelles SC|Sierra Leone SL
Singapore SG|Slovenia SI|Solomon Islands SB|Somalia SO|South Africa ZA|Spain ES|Sri Lanka LK|Sudan SD|Suriname SR
Sweden SE|Syria SY|Taiwan TW|Tanzania TZ|Thailand TH|Timor-Leste TL|Togo TG|Tonga TO|Trinidad and Tobago TT
Tunisia TN|Turkey TR|Ukraine UA|United Arab Emirates AE|United Kingdom GB|United States US|Uruguay UY|Vanuatu VU
Venezuela VE|Vietnam VN|Virgin Islands (U.K.) VG|Virgin Islands (U.S.) VI|Yemen YE
"""
CODES = {
    entry.rpartition(" ")[0].strip().casefold(): Country(entry.rpartition(" ")[2])
    for entry in _TABLE.strip().replace("\n", "|").split("|")
}


def code_of(name: str) -> Country:
    """The code of a country's English name; empty if the name is none of these."""
    return CODES.get(name.strip().casefold(), Country(""))
