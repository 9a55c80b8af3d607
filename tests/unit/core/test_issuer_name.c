#include "core/issuer_name.h"

#include "unit/test.h"

#define G4R                                                                                        \
    "CN=DVV Citizen Certificates - G4R,OU=Valtion kansalaisvarmenteet,O=Digi- ja "                 \
    "vaestotietovirasto CA,C=FI"

static void names_are_the_same_whatever_their_order_case_and_spaces(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {G4R, G4R, true},
        {G4R,
         "CN=DVV Citizen Certificates - G4R, OU=Valtion kansalaisvarmenteet, O=Digi- ja "
         "vaestotietovirasto CA, C=FI",
         true},
        {G4R,
         "c = fi, o=digi- ja vaestotietovirasto ca , ou=valtion kansalaisvarmenteet,cn=dvv citizen "
         "certificates - g4r",
         true},
        {G4R, "CN=DVV Citizen Certificates - G4R", false},
        {G4R, "CN=DVV Citizen Certificates - G4R,C=FI,C=FI,C=FI", false},
        {"CN=a,C=FI", "CN=a,C=SE", false},
        {"CN=a,C=FI", "CN=a,OU=FI", false},
        {"CN=a", "CN=a ", true},
        {"CN=a", "CN=aa", false},
        {"CN=aa", "CN=a", false},
        {"OU=a,OU=a,OU=b", "OU=a,OU=b,OU=b", false},
        {"OU=a,OU=b,OU=a", "OU=a,OU=a,OU=b", true},
        {"CN=a\\,b,C=FI", "C=FI,CN=a\\,b", true},
        {"CN=a\\,b", "CN=a,b", false},
        {"CN=a\\", "CN=a\\", true}, /* cut short: nothing is read behind it */
        {"CN=a=b", "CN=a=b", true},
        {"CN=a", "CN=a,", true}, /* nothing follows the comma */
        {"CN=a", "CN=a,,", false},
        {"", "", false},
        {"CN=a", "", false},
        {"", "CN=a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (issuer_name_same(span_str(rows[i].a), span_str(rows[i].b)) != rows[i].same) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_same_whatever_their_order_case_and_spaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
