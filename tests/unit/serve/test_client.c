#include "serve/client.h"
#include "unit/test.h"
#include "wire/native.h"

#include <stdio.h>

#define SITE  "https://palvelu.example.fi"
#define OTHER "https://toinen.example.fi"

/* Pages, the clients and a queue whose operations are played by the test. */
struct page {
    struct client *client;
    char got[4096]; /* JSON texts, one a line */
    bool full;
    bool finished;
};

static struct clients *all;
static struct policy policy;
static struct queue *queue;
static struct page pages[LIMIT_CONNECTIONS + 1];
static char begun[64]; /* methods that began */
static unsigned subscriptions;

static enum err on_send(void *connection, struct span json)
{
    struct page *p = connection;
    if (p->full) {
        return ERR_TOO_LARGE;
    }
    size_t len = strlen(p->got);
    assert_true(len + json.len + 2 < sizeof p->got);
    memcpy(p->got + len, json.at, json.len);
    strcpy(p->got + len + json.len, "\n");
    return ERR_OK;
}

static void on_finish(void *connection)
{
    struct page *p = connection;
    p->finished = true;
}

static const struct client_door door_calls = {on_send, on_finish};

static void on_changed(void *user)
{
    (void)user;
}

static void on_subscribed(void *user)
{
    (void)user;
    subscriptions++;
}

static bool card_is_in;

static bool on_has_card(void *user)
{
    (void)user;
    return card_is_in;
}

static const struct client_events events = {on_changed, on_subscribed, on_has_card};

static enum err on_start(void *user, struct request *r)
{
    (void)user;
    snprintf(begun + strlen(begun), sizeof begun - strlen(begun), "%s ",
             msg_method_name(r->method));
    return ERR_OK;
}

static bool on_stop(void *user)
{
    (void)user;
    strcat(begun, "stop ");
    return true;
}

static void on_answer(void *user, uint64_t connection, const struct request *r,
                      const struct response *resp)
{
    (void)user;
    clients_answer(all, connection, r, resp);
}

static void on_progress(void *user, uint64_t connection, const struct request *r,
                        const struct progress *p)
{
    (void)user;
    clients_progress(all, connection, r, p);
}

static const struct queue_calls queue_calls = {on_start, on_stop, on_answer, on_progress};

static int open_all(void **state)
{
    (void)state;
    memset(pages, 0, sizeof pages);
    begun[0] = '\0';
    subscriptions = 0;
    card_is_in = false;
    memset(&policy, 0, sizeof policy);
    if (queue_open(&queue_calls, NULL, &queue) != ERR_OK ||
        clients_open(&events, NULL, &policy, &all) != ERR_OK) {
        return 1;
    }
    clients_set_queue(all, queue);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        client_close(&pages[i].client);
    }
    assert_int_equal(clients_count(all), 0);
    clients_close(&all);
    queue_close(&queue);
    return 0;
}

static enum err come(size_t i, enum door door, const char *origin)
{
    return client_open(all, door, span_str(origin), &door_calls, &pages[i], &pages[i].client);
}

static void say(size_t i, const char *json)
{
    pages[i].got[0] = '\0';
    client_message(pages[i].client, span_str(json));
}

static void heard(size_t i, const char *part)
{
    if (strstr(pages[i].got, part) == NULL) {
        fail_msg("page %zu did not get %s but %s", i, part, pages[i].got);
    }
}

#define HELLO           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}"
#define FROM(site)      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"origin\":\"" site "\"}"
#define ASK(id, method) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\"}"
#define CANCEL(target)  "{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"params\":{\"id\":" target "}}"

static void finish(enum method method, enum err e)
{
    struct response resp;
    response_init(&resp, method);
    resp.err = e;
    queue_done(queue, &resp, 0);
    response_clear(&resp);
}

static void hello_is_answered_at_once_on_both_doors(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_NATIVE, ""), ERR_OK);
    say(0, HELLO);
    heard(0, "\"product\":\"korttisilta\"");
    say(1, FROM(SITE));
    heard(1, "\"product\":\"korttisilta\"");
    assert_int_equal(clients_count(all), 2);
}

static void the_first_message_fixes_the_origin_of_a_native_connection(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    say(0, FROM("http://not.secure.example"));
    heard(0, "ORIGIN_INVALID");
    say(0, FROM(SITE));
    heard(0, "result");
    say(0, FROM(OTHER));
    heard(0, "ORIGIN_DENIED");
    say(0, FROM(SITE));
    heard(0, "result");
    say(0, HELLO);
    heard(0, "\"error\"");
}

static void a_message_on_the_websocket_can_not_name_an_origin(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, FROM(SITE));
    heard(0, "REQUEST_INVALID");
}

static void an_origin_has_few_connections_on_both_doors_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIMIT_PER_ORIGIN; i++) {
        assert_int_equal(come(i, DOOR_WEBSOCKET, SITE), ERR_OK);
    }
    assert_int_equal(come(LIMIT_PER_ORIGIN, DOOR_WEBSOCKET, SITE), ERR_BUSY);
    assert_int_equal(come(LIMIT_PER_ORIGIN, DOOR_NATIVE, ""), ERR_OK);
    say(LIMIT_PER_ORIGIN, FROM(SITE));
    heard(LIMIT_PER_ORIGIN, "BUSY");
    client_close(&pages[0].client);
    say(LIMIT_PER_ORIGIN, FROM(SITE));
    heard(LIMIT_PER_ORIGIN, "result");
}

static void there_are_few_connections_in_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        assert_int_equal(come(i, DOOR_NATIVE, ""), ERR_OK);
    }
    assert_int_equal(come(LIMIT_CONNECTIONS, DOOR_NATIVE, ""), ERR_BUSY);
    client_close(&pages[3].client);
    assert_int_equal(come(LIMIT_CONNECTIONS, DOOR_NATIVE, ""), ERR_OK);
}

static void what_needs_the_person_waits_for_its_turn(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_WEBSOCKET, OTHER), ERR_OK);
    say(0, ASK("7", "getSigningCertificate"));
    say(1, ASK("8", "subscribe"));
    assert_string_equal(begun, "getSigningCertificate ");
    assert_string_equal(pages[0].got, "");
    say(0, ASK("9", "getSigningCertificate"));
    heard(0, "BUSY");
    say(0, ASK("7", "getSigningCertificate"));
    heard(0, "REQUEST_INVALID");
    finish(METHOD_GET_SIGNING_CERTIFICATE, ERR_NO_CARD);
    heard(0, "\"id\":7,\"error\"");
    heard(0, "NO_CARD");
    assert_string_equal(begun, "getSigningCertificate subscribe ");
}

#define DECRYPT(id)                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":" id                                                              \
    ",\"method\":\"decrypt\",\"params\":{\"algorithm\":\"ECDH\","                                  \
    "\"publicKey\":"                                                                               \
    "\"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="   \
    "\"}}"

static void only_origins_that_the_policy_names_may_decrypt(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_WEBSOCKET, OTHER), ERR_OK);
    policy_origin_at(&policy, span_str(SITE))->rights = 1u << POLICY_DECRYPT;
    say(1, DECRYPT("1"));
    heard(1, "ORIGIN_DENIED");
    assert_string_equal(begun, "");
    say(0, DECRYPT("1"));
    assert_string_equal(begun, "decrypt ");
    pages[1].got[0] = '\0';
    struct response resp;
    response_init(&resp, METHOD_DECRYPT);
    resp.key = (struct key_type){KEY_EC, 256};
    assert_int_equal(buf_append_str(&resp.certificate, "DER"), ERR_OK);
    assert_int_equal(buf_append_str(&resp.plaintext, "the x-coordinate has 32 bytes..."), ERR_OK);
    queue_done(queue, &resp, 0);
    response_clear(&resp);
    heard(0, "\"sharedSecret\":\"dGhlIHgtY29vcmRpbmF0ZSBoYXMgMzIgYnl0ZXMuLi4=\"");
    assert_string_equal(pages[1].got, "");
    policy.n_origins = 0;
}

static void a_page_cancels_what_it_asked_for_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, ASK("7", "getSigningCertificate"));
    say(1, CANCEL("7"));
    assert_string_equal(pages[1].got, "");
    say(0, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"cancel\",\"params\":{\"id\":7}}");
    heard(0, "ABORTED");
    heard(0, "\"id\":\"x\",\"result\":{}");
    assert_string_equal(begun, "getSigningCertificate stop ");
    say(0, CANCEL("7"));
    assert_string_equal(pages[0].got, "");
    say(0, CANCEL("true"));
    heard(0, "ARGUMENT");
}

static void a_page_that_goes_away_ends_its_operation(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, ASK("7", "getSigningCertificate"));
    client_close(&pages[0].client);
    assert_null(pages[0].client);
    assert_string_equal(begun, "getSigningCertificate stop ");
}

static void only_pages_that_were_allowed_hear_of_cards(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_WEBSOCKET, OTHER), ERR_OK);
    assert_int_equal(come(2, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, ASK("1", "subscribe"));
    finish(METHOD_SUBSCRIBE, ERR_OK);
    heard(0, "\"id\":1,\"result\":{}");
    assert_int_equal(subscriptions, 1);
    say(1, ASK("1", "subscribe"));
    finish(METHOD_SUBSCRIBE, ERR_CANCELLED);
    heard(1, "CANCELLED");
    clients_card_event(all, true);
    heard(0, "\"event\":\"inserted\"");
    assert_null(strstr(pages[1].got, "inserted"));
    assert_string_equal(pages[2].got, "");
    say(0, ASK("2", "unsubscribe"));
    heard(0, "\"id\":2,\"result\":{}");
    pages[0].got[0] = '\0';
    clients_card_event(all, false);
    assert_string_equal(pages[0].got, "");
}

static void the_person_is_asked_once_for_each_origin(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, ASK("1", "subscribe"));
    finish(METHOD_SUBSCRIBE, ERR_OK);
    client_close(&pages[0].client);
    assert_int_equal(come(1, DOOR_NATIVE, ""), ERR_OK);
    say(1, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"subscribe\",\"origin\":\"" SITE "\"}");
    heard(1, "\"id\":5,\"result\":{}");
    assert_string_equal(begun, "subscribe ");
    clients_card_event(all, false);
    heard(1, "\"event\":\"removed\"");
}

static void what_is_no_message_is_answered_without_an_id(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, "{");
    heard(0, "\"id\":null");
    heard(0, "MALFORMED");
    client_refuse(pages[0].client, ERR_TOO_LARGE);
    heard(0, "TOO_LARGE");
    say(0, HELLO);
    heard(0, "result");
}

#define SCS(id, more, verb, path, body)                                                            \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"scs\",\"origin\":\"" SITE "\"" more           \
    ",\"params\":{\"method\":\"" verb "\",\"path\":\"" path "\",\"body\":\"" body "\"}}"
#define CHOSEN    ",\"chosen\":true"
#define NO_CARD_S "\\\"hashAlgorithms\\\":\\\"\\\""
#define A_CARD_S  "\\\"hashAlgorithms\\\":\\\"SHA224"

static void an_extension_may_bring_scs_for_the_sites_of_policy_and_person(void **state)
{
    (void)state;
    card_is_in = true;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    say(0, SCS("1", "", "GET", "/version", ""));
    heard(0, "ORIGIN_DENIED");
    say(0, SCS("1", ",\"chosen\":false", "POST", "/sign", "{}"));
    heard(0, "ORIGIN_DENIED");
    /* The person's own choice brings the card's presence with it, the administrator's does not. */
    say(0, SCS("2", CHOSEN, "GET", "/version", ""));
    heard(0, "\"id\":2,\"result\":{\"status\":200,\"body\":\"{");
    heard(0, A_CARD_S);
    policy_origin_at(&policy, span_str(SITE))->rights = 1u << POLICY_SCS_EXTENSION;
    say(0, SCS("3", "", "GET", "/version", ""));
    heard(0, NO_CARD_S);
    policy_origin_at(&policy, span_str(SITE))->rights |= 1u << POLICY_CARD_PRESENCE;
    say(0, SCS("4", "", "GET", "/version", ""));
    heard(0, A_CARD_S);
    say(0, SCS("5", "", "OPTIONS", "/sign", ""));
    heard(0, "{\"status\":200,\"body\":\"\"}");
    say(0, SCS("5", "", "GET", "/sign", ""));
    heard(0, "{\"status\":405,\"body\":\"\"}");
    say(0, SCS("5", "", "GET", "/", ""));
    heard(0, "{\"status\":404,\"body\":\"\"}");
    assert_string_equal(begun, "");
}

static void an_extension_hears_which_sites_the_policy_names_and_no_page_does(void **state)
{
    (void)state;
    policy_origin_at(&policy, span_str(SITE))->rights = 1u << POLICY_SCS_EXTENSION;
    policy_origin_at(&policy, span_str(OTHER))->rights = 1u << POLICY_CARD_PRESENCE;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    say(0, ASK("7", "scsSites"));
    assert_string_equal(pages[0].got,
                        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"origins\":[\"" SITE "\"]}}\n");
    policy_revoke(&policy, POLICY_SCS_EXTENSION);
    say(0, ASK("8", "scsSites"));
    heard(0, "\"id\":8,\"result\":{\"origins\":[]}");
    say(0, "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"scsSites\",\"origin\":\"" SITE "\"}");
    heard(0, "REQUEST_INVALID");
    assert_int_equal(come(1, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(1, ASK("1", "scsSites"));
    heard(1, "METHOD_UNKNOWN");
}

static void a_signature_of_scs_is_answered_in_the_dialect(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    say(0, SCS("\"s\"", CHOSEN, "POST", "/sign", "{}"));
    heard(0, "\"id\":\"s\",\"result\":{\"status\":200,\"body\":\"{\\\"version\\\"");
    heard(0, "\\\"status\\\":\\\"failed\\\",\\\"reasonCode\\\":400,");
    say(0, SCS("7", CHOSEN, "POST", "/sign", "{\\\"content\\\":\\\"YWFh\\\"}"));
    assert_string_equal(begun, "sign ");
    assert_string_equal(pages[0].got, "");
    say(0, SCS("8", CHOSEN, "POST", "/sign", "{\\\"content\\\":\\\"YWFh\\\"}"));
    heard(0, "\"id\":8,");
    heard(0, "\\\"reasonCode\\\":403,"); /* one at a time on a connection */
    policy.scs.codes_as_strings = true;
    finish(METHOD_SIGN, ERR_CANCELLED);
    heard(0, "\"id\":7,\"result\":{\"status\":200");
    heard(0, "\\\"reasonCode\\\":\\\"401\\\",");
    say(0, SCS("9", CHOSEN, "POST", "/sign", "{\\\"content\\\":\\\"YWFh\\\"}"));
    say(0, "{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"origin\":\"" SITE
           "\",\"params\":{\"id\":9}}");
    heard(0, "\"id\":9,\"result\":{\"status\":200");
    assert_string_equal(begun, "sign sign stop ");
}

static void the_listener_gets_bare_answers(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    assert_int_equal(come(0, DOOR_SCS, SITE), ERR_OK);
    client_sign(pages[0].client, span_str("{\"content\":\"YWFh\"}"));
    assert_string_equal(begun, "sign ");
    finish(METHOD_SIGN, ERR_NO_CARD);
    heard(0, "{\"version\":\"1.2\",\"status\":\"failed\",\"reasonCode\":400,");
    pages[0].got[0] = '\0';
    client_sign(pages[0].client, span_str("[]"));
    heard(0, "\"reasonCode\":400,");
    client_sign(pages[0].client, span_str("{\"content\":\"YWFh\"}"));
    client_close(&pages[0].client);
    assert_string_equal(begun, "sign sign stop ");
    card_is_in = true;
    assert_int_equal(clients_version(all, span_str(SITE), false, &out), ERR_OK);
    assert_non_null(memmem(out.at, out.len, "\"hashAlgorithms\":\"\"", 19));
    buf_clear(&out);
    policy.scs.presence_to_all = true;
    assert_int_equal(clients_version(all, span_of(NULL, 0), false, &out), ERR_OK);
    assert_non_null(memmem(out.at, out.len, "\"hashAlgorithms\":\"SHA", 21));
    buf_clear(&out);
    assert_int_equal(clients_scs_error(all, ERR_TOO_LARGE, &out), ERR_OK);
    assert_non_null(memmem(out.at, out.len, "\"reasonCode\":400", 16));
    buf_clear(&out);
}

static void a_page_that_takes_no_answer_does_no_harm(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    pages[0].full = true;
    say(0, HELLO);
    say(0, ASK("7", "getSigningCertificate"));
    finish(METHOD_GET_SIGNING_CERTIFICATE, ERR_NO_CARD);
    assert_string_equal(pages[0].got, "");
}

#define GREETING "{\"version\":\"2.9.0+korttisilta\"}\n"
#define CERTIFICATE(arguments)                                                                     \
    "{\"command\":\"get-signing-certificate\",\"arguments\":{" arguments "}}"
#define QUIT "{\"command\":\"quit\",\"arguments\":{}}"

static void web_eids_extension_is_greeted_and_served_once(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    client_greet(pages[0].client);
    assert_string_equal(pages[0].got, GREETING);
    say(0, CERTIFICATE("\"origin\":\"" SITE "\""));
    assert_string_equal(begun, "getSigningCertificate ");
    assert_string_equal(pages[0].got, "");
    say(0, QUIT); /* one command a connection: what comes after it is not looked at */
    assert_string_equal(pages[0].got, "");
    struct progress half = {1, 2};
    queue_progress(queue, &half);
    clients_card_event(all, true);
    assert_string_equal(pages[0].got, "");
    assert_false(pages[0].finished);
    finish(METHOD_GET_SIGNING_CERTIFICATE, ERR_CANCELLED);
    assert_string_equal(pages[0].got, "{\"error\":{\"code\":\"ERR_WEBEID_USER_CANCELLED\","
                                      "\"message\":\"CANCELLED: The person cancelled.\"}}\n");
    assert_true(pages[0].finished);
}

static void the_first_message_chooses_the_dialect(void **state)
{
    (void)state;
    assert_int_equal(come(0, DOOR_WEBSOCKET, SITE), ERR_OK);
    assert_int_equal(come(1, DOOR_WEBSOCKET, SITE), ERR_OK);
    say(0, QUIT);
    assert_string_equal(pages[0].got, GREETING "{}\n");
    assert_true(pages[0].finished);
    say(1, HELLO);
    heard(1, "\"product\"");
    say(1, QUIT);
    heard(1, "REQUEST_INVALID");
    assert_false(pages[1].finished);
    assert_int_equal(come(2, DOOR_NATIVE, ""), ERR_OK);
    client_greet(pages[2].client);
    say(2, FROM(SITE));
    heard(2, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT");
    assert_true(pages[2].finished);
}

static void web_eids_dialect_obeys_the_same_rules(void **state)
{
    static const struct {
        const char *json, *want;
    } rows[] = {
        {CERTIFICATE("\"origin\":\"http://not.secure.example\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"https://user:pw@palvelu.example.fi\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"https://palvelu.example.fi/\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"https://PALVELU.example.fi\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"https://m\xC3\xA4kinen.fi\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"wss://palvelu.example.fi\""), "ORIGIN_INVALID"},
        {CERTIFICATE("\"origin\":\"null\""), "ORIGIN_INVALID"},
        {CERTIFICATE(""), "ARGUMENT"},
        {"{", "MALFORMED"},
        {"[]", "REQUEST_INVALID"},
        {"{\"command\":\"decrypt\",\"arguments\":{}}", "METHOD_UNKNOWN"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
        client_greet(pages[0].client);
        say(0, rows[i].json);
        heard(0, "\"code\":\"ERR_WEBEID_NATIVE_INVALID_ARGUMENT\"");
        heard(0, rows[i].want);
        assert_true(pages[0].finished);
        client_close(&pages[0].client);
    }
    assert_string_equal(begun, "");
    policy.no_webeid = true;
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    say(0, CERTIFICATE("\"origin\":\"" SITE "\""));
    policy.no_webeid = false;
    heard(0, "\"code\":\"ERR_WEBEID_NATIVE_FATAL\"");
    heard(0, "ORIGIN_DENIED");
    assert_string_equal(begun, "");
    client_close(&pages[0].client);
    assert_int_equal(come(0, DOOR_NATIVE, ""), ERR_OK);
    client_greet(pages[0].client);
    client_refuse(pages[0].client, ERR_TOO_LARGE);
    heard(0, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hello_is_answered_at_once_on_both_doors),
        TEST(the_first_message_fixes_the_origin_of_a_native_connection),
        TEST(a_message_on_the_websocket_can_not_name_an_origin),
        TEST(an_origin_has_few_connections_on_both_doors_together),
        TEST(there_are_few_connections_in_all),
        TEST(what_needs_the_person_waits_for_its_turn),
        TEST(only_origins_that_the_policy_names_may_decrypt),
        TEST(a_page_cancels_what_it_asked_for_and_nothing_else),
        TEST(a_page_that_goes_away_ends_its_operation),
        TEST(only_pages_that_were_allowed_hear_of_cards),
        TEST(the_person_is_asked_once_for_each_origin),
        TEST(what_is_no_message_is_answered_without_an_id),
        TEST(an_extension_may_bring_scs_for_the_sites_of_policy_and_person),
        TEST(an_extension_hears_which_sites_the_policy_names_and_no_page_does),
        TEST(a_signature_of_scs_is_answered_in_the_dialect),
        TEST(the_listener_gets_bare_answers),
        TEST(a_page_that_takes_no_answer_does_no_harm),
        TEST(web_eids_extension_is_greeted_and_served_once),
        TEST(the_first_message_chooses_the_dialect),
        TEST(web_eids_dialect_obeys_the_same_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
