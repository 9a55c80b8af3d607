#include "core/doctor.h"

#include "base/limits.h"
#include "core/browsers.h"
#include "core/inventory.h"
#include "core/pad_policy.h"
#include "crypto/cert.h"
#include "os/clock.h"
#include "os/ipc.h"
#include "os/paths.h"
#include "os/port_owner.h"
#include "os/probe.h"
#include "os/spawn.h"
#include "os/stream.h"
#include "ui/translate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_CAP       512u
#define MANIFEST_CAP   4096u
#define EXPIRES_SOON_S ((int64_t)LIMIT_EXPIRY_DAYS * 24 * 3600)
#define HOST_NAME      "fi.korttisilta.host"
#define FIRST_PORT     53951
#define SCS_PORT       53952
#define AGENT_COMM     "korttisilta-age" /* what the kernel keeps of its name */

/* Where the rows go, and how many of them are wrong. */
struct doctor {
    doctor_row row;
    void *user;
    size_t n_wrong;
};

static void say(struct doctor *d, enum doctor_mark mark, const char *text, const char *advice)
{
    d->row(d->user, mark, text, advice);
    d->n_wrong += mark == DOCTOR_WRONG;
}

__attribute__((format(printf, 3, 5))) static void
say_about(struct doctor *d, enum doctor_mark mark, const char *format, const char *advice, ...)
{
    char text[PATH_CAP];
    va_list args;
    va_start(args, advice);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(d, mark, text, advice);
}

static void check_programs(struct doctor *d)
{
    static const char *const programs[] = {"korttisilta-host",   "korttisilta-agent",
                                           "korttisilta-signer", "korttisilta-revocation",
                                           "korttisilta-prompt", "korttisilta-manager"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        char path[PATH_CAP];
        bool there =
            paths_sibling(programs[i], path, sizeof path) == ERR_OK && probe_is_executable(path);
        say_about(d, there ? DOCTOR_FINE : DOCTOR_WRONG,
                  there ? _("Program %s") : _("Program %s is missing"),
                  there ? NULL : _("Install Korttisilta again."), programs[i]);
    }
}

/* ---- browsers ---- */

/* A manifest is ours, made by the installer: what matters of it is whether the host beside this
 * program stands in it, and that takes no JSON reader. */
static bool names_our_host(struct span manifest)
{
    char host[PATH_CAP], quoted[PATH_CAP + 2];
    if (paths_sibling("korttisilta-host", host, sizeof host) != ERR_OK) {
        return false;
    }
    snprintf(quoted, sizeof quoted, "\"%s\"", host);
    for (size_t at = 0; at < manifest.len; at++) {
        if (span_is(span_sub(manifest, at, strlen(quoted)), quoted)) {
            return true;
        }
    }
    return false;
}

/* FINE: a manifest that starts our host; WRONG: one that does not; NOTE: none. */
static enum doctor_mark check_manifest(const char *folder)
{
    char path[PATH_CAP];
    struct buf json;
    enum doctor_mark mark = DOCTOR_NOTE;
    snprintf(path, sizeof path, "%s/" HOST_NAME ".json", folder);
    buf_init(&json, MANIFEST_CAP);
    if (probe_read_file(path, &json) == ERR_OK) {
        mark = names_our_host(buf_span(&json)) ? DOCTOR_FINE : DOCTOR_WRONG;
    }
    buf_clear(&json);
    return mark;
}

static void check_browser(struct doctor *d, const struct browser *b)
{
    char home[PATH_CAP];
    const char *user = getenv("HOME");
    snprintf(home, sizeof home, "%s/%s", user != NULL ? user : "", b->home_folder);
    enum doctor_mark mine = check_manifest(home);
    enum doctor_mark status = mine == DOCTOR_NOTE ? check_manifest(b->system_folder) : mine;
    if (status == DOCTOR_FINE) {
        say_about(d, DOCTOR_FINE, _("%s knows Korttisilta"), NULL, b->name);
    } else if (status == DOCTOR_WRONG) {
        say_about(d, DOCTOR_WRONG, _("%s is registered to another program than this Korttisilta"),
                  _("Install Korttisilta's browser package again."), b->name);
    } else {
        say_about(d, DOCTOR_NOTE, _("%s does not know Korttisilta"),
                  _("Install Korttisilta's browser package to use its extension; pages can also "
                    "use the local connection without it."),
                  b->name);
    }
}

static void check_browsers(struct doctor *d)
{
    bool any = false;
    for (size_t i = 0; i < BROWSERS; i++) {
        if (browsers_is_installed(&browsers[i])) {
            check_browser(d, &browsers[i]);
            any = true;
        }
    }
    if (!any) {
        say(d, DOCTOR_NOTE, _("No browser that Korttisilta knows was found"), NULL);
    }
}

/* ---- what runs ---- */

static void check_agent(struct doctor *d)
{
    int fd = -1;
    enum err e = ipc_connect(&fd);
    stream_close(fd);
    if (e == ERR_OK) {
        say(d, DOCTOR_FINE, _("The agent is running"), NULL);
    } else if (e == ERR_PEER_DENIED) {
        say(d, DOCTOR_WRONG, _("The agent's socket belongs to another user"),
            _("Remove the folder korttisilta in your runtime folder and log in again."));
    } else {
        say(d, DOCTOR_NOTE, _("The agent is not running"),
            _("The browser's extension starts it when needed."));
    }
    if (probe_loopback_port(FIRST_PORT)) {
        say(d, DOCTOR_FINE, _("A program answers on the local connection (port 53951)"), NULL);
    } else {
        say(d, DOCTOR_NOTE, _("Nothing answers on the local connection (port 53951)"),
            _("Pages that don't use the extension need it: start korttisilta-agent."));
    }
}

/* Existing services know one port, and other card programs want it too. */
static void check_scs(struct doctor *d)
{
    struct port_owner owner;
    if (!port_owner_find(SCS_PORT, &owner)) {
        say(d, DOCTOR_NOTE, _("Nothing listens on port 53952, where services of the SCS kind ask"),
            _("They need it unless the extension answers them: start korttisilta-agent."));
    } else if (owner.pid != 0 && strcmp(owner.program, AGENT_COMM) == 0) {
        say(d, DOCTOR_FINE, _("The agent listens on port 53952 for services of the SCS kind"),
            NULL);
    } else if (owner.pid != 0) {
        say_about(d, DOCTOR_WRONG, _("Port 53952 is taken by another program: %s (pid %d)"),
                  _("Close it or take it off this computer, then log in again."), owner.program,
                  owner.pid);
    } else {
        say_about(d, DOCTOR_NOTE, _("Port 53952 is taken by a program of the user %s"),
                  _("Services of the SCS kind reach only the user who came first; the extension "
                    "serves every user."),
                  owner.program);
    }
}

/* The agent reads JSON, this program does not: it is asked. */
static void check_policy(struct doctor *d)
{
    static const char *const arguments[] = {"--check-policy", NULL};
    struct child child;
    if (spawn_sibling("korttisilta-agent", arguments, &child) != ERR_OK) {
        return; /* check_programs says that it is missing */
    }
    if (spawn_wait_status(&child) == 0) {
        say(d, DOCTOR_FINE, _("The administrator's policy can be used as it stands"), NULL);
    } else {
        say(d, DOCTOR_WRONG, _("A part of the administrator's policy is not used"),
            _("korttisilta-agent --check-policy tells which file, and why."));
    }
}

static void check_display(struct doctor *d)
{
    bool display = getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL;
    say(d, display ? DOCTOR_FINE : DOCTOR_NOTE,
        display ? _("There is a display for the window that asks") : _("There is no display"),
        display ? NULL : _("Questions are asked in the terminal instead."));
}

/* ---- cards ---- */

static void check_certificates(struct doctor *d, const struct card *card)
{
    for (size_t i = 0; i < card->n_keys; i++) {
        struct cert_info info;
        const char *use =
            card->keys[i].use == CERT_AUTH ? _("for identification") : _("for signatures");
        int64_t now = clock_calendar_s();
        if (cert_parse(buf_span(&card->keys[i].cert), &info) != ERR_OK) {
            say_about(d, DOCTOR_WRONG, _("A certificate %s can't be read"), NULL, use);
        } else if (now > info.not_after || now < info.not_before) {
            say_about(d, DOCTOR_WRONG, _("A certificate %s is not valid today"),
                      _("Check the clock of this computer; if it is right, get a new card."), use);
        } else if (info.not_after - now < EXPIRES_SOON_S) {
            say_about(d, DOCTOR_NOTE, _("A certificate %s expires within two months"),
                      _("Apply for a new card in time."), use);
        } else {
            say_about(d, DOCTOR_FINE, _("A certificate %s is valid"), NULL, use);
        }
    }
}

static void check_pins(struct doctor *d, const struct card *card)
{
    bool seen[3] = {false};
    for (size_t i = 0; i < card->n_keys; i++) {
        const struct card_key *key = &card->keys[i];
        const char *pin = key->pin_index == 1 ? "PIN1" : "PIN2";
        if (seen[key->pin_index]) {
            continue;
        }
        seen[key->pin_index] = true;
        if (key->pin_blocked) {
            say_about(d, DOCTOR_WRONG, _("%s is locked"),
                      _("It must be unlocked with the PUK code."), pin);
        } else if (!key->pin_activated) {
            say_about(d, DOCTOR_WRONG, _("%s has not been activated"),
                      _("Activate the card with the code in the letter that came with it."), pin);
        } else if (key->tries_left == 1) {
            say_about(d, DOCTOR_NOTE, _("%s has one try left"),
                      _("A wrong PIN locks it. Find out the right one first."), pin);
        } else {
            say_about(d, DOCTOR_FINE, _("%s is in order"), NULL, pin);
        }
    }
}

static void check_pad(struct doctor *d, const struct card *card, const char *reader)
{
    if (card->io->pad == NULL) {
        return;
    }
    say_about(d, DOCTOR_FINE,
              pad_policy_uses_pads()
                  ? _("Reader %s: PINs are typed on its own keypad")
                  : _("Reader %s: its keypad is not used, as the administrator's policy wants it"),
              NULL, reader);
}

static void check_card(struct doctor *d, const struct reader_state *reader)
{
    struct card *card = NULL;
    if (!reader->has_card) {
        say_about(d, DOCTOR_NOTE, _("Reader %s: no card"), _("Put your card in."), reader->name);
        return;
    }
    enum err e = inventory_open(reader, &card);
    if (e == ERR_OK) {
        say_about(d, DOCTOR_FINE, _("Reader %s: a known card"), NULL, reader->name);
        check_pad(d, card, reader->name);
        check_certificates(d, card);
        check_pins(d, card);
    } else if (e == ERR_CARD_UNKNOWN) {
        say_about(d, DOCTOR_WRONG, _("Reader %s: the card is not of a known kind"),
                  _("korttisilta cards prints what to report."), reader->name);
    } else {
        say_about(d, DOCTOR_WRONG, _("Reader %s: the card does not answer as expected"),
                  _("Take it out, clean the contacts, put it in again, chip first."), reader->name);
    }
    card_free(&card);
}

static void check_readers(struct doctor *d)
{
    struct reader_state readers[LIMIT_READERS];
    size_t n = 0;
    enum err e = readers_list(readers, LIMIT_READERS, &n);
    if (e == ERR_PCSC_DOWN) {
        say(d, DOCTOR_WRONG, _("The smart card service (pcscd) is not running"),
            _("Install the package pcscd, or start it: sudo systemctl start pcscd.socket"));
        return;
    }
    say(d, DOCTOR_FINE, _("The smart card service (pcscd) is running"), NULL);
    if (e != ERR_OK || n == 0) {
        say(d, DOCTOR_WRONG, _("No smart card reader was found"),
            _("Connect the reader. If it is connected, try another USB port."));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        check_card(d, &readers[i]);
    }
}

bool doctor_check(doctor_row row, void *user)
{
    struct doctor d = {row, user, 0};
    say(&d, DOCTOR_FINE, "Korttisilta " KORTTISILTA_VERSION, NULL);
    check_programs(&d);
    check_browsers(&d);
    check_agent(&d);
    check_scs(&d);
    check_policy(&d);
    check_display(&d);
    check_readers(&d);
    return d.n_wrong == 0;
}

static void print_row(void *user, enum doctor_mark mark, const char *text, const char *advice)
{
    (void)user;
    printf("%s %s\n", doctor_mark_text(mark), text);
    if (advice != NULL) {
        printf("     %s\n", advice);
    }
}

const char *doctor_mark_text(enum doctor_mark mark)
{
    static const char *const marks[] = {"[ok]", "[--]", "[!!]"};
    return marks[mark];
}

int doctor_print(void)
{
    bool fine = doctor_check(print_row, NULL);
    printf("%s\n",
           fine ? _("Nothing stands in the way.") : _("Lines marked [!!] need something done."));
    return fine ? 0 : 1;
}
