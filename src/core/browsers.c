#include "core/browsers.h"

#include "base/buf.h"
#include "os/probe.h"

#include <stdio.h>
#include <stdlib.h>

#define INI_MAX 65536u

const struct browser browsers[BROWSERS] = {
    {"Chromium",
     {"/usr/bin/chromium", "/usr/bin/chromium-browser"},
     "/etc/chromium/native-messaging-hosts",
     ".config/chromium/NativeMessagingHosts",
     true},
    {"Google Chrome",
     {"/usr/bin/google-chrome", "/opt/google/chrome/chrome"},
     "/etc/opt/chrome/native-messaging-hosts",
     ".config/google-chrome/NativeMessagingHosts",
     true},
    {"Microsoft Edge",
     {"/usr/bin/microsoft-edge", "/opt/microsoft/msedge/msedge"},
     "/etc/opt/edge/native-messaging-hosts",
     ".config/microsoft-edge/NativeMessagingHosts",
     true},
    {"Brave",
     {"/usr/bin/brave-browser", "/opt/brave.com/brave/brave"},
     "/etc/opt/brave/native-messaging-hosts",
     ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts",
     true},
    {"Vivaldi",
     {"/usr/bin/vivaldi", "/opt/vivaldi/vivaldi"},
     "/etc/opt/vivaldi/native-messaging-hosts",
     ".config/vivaldi/NativeMessagingHosts",
     true},
    {"Firefox",
     {"/usr/bin/firefox", "/usr/bin/firefox-esr"},
     "/usr/lib/mozilla/native-messaging-hosts",
     ".mozilla/native-messaging-hosts",
     false},
};

bool browsers_is_installed(const struct browser *b)
{
    return probe_is_executable(b->programs[0]) || probe_is_executable(b->programs[1]);
}

/* ---- stores of certificates ---- */

/* Below the home folder. Packages that keep to themselves (snap, flatpak) have their own. */
struct place {
    const char *name;
    const char *folder;
};

static const struct place shared_stores[] = {
    {"Chromium", ".pki/nssdb"},
    {"Chromium", ".local/share/pki/nssdb"},
    {"Chromium (snap)", "snap/chromium/current/.pki/nssdb"},
    {"Chromium (flatpak)", ".var/app/org.chromium.Chromium/data/pki/nssdb"},
    {"Google Chrome (flatpak)", ".var/app/com.google.Chrome/data/pki/nssdb"},
};
/* Folders with a profiles.ini. */
static const struct place profile_folders[] = {
    {"Firefox", ".mozilla/firefox"},
    {"Firefox", ".config/mozilla/firefox"},
    {"Firefox (snap)", "snap/firefox/common/.mozilla/firefox"},
    {"Firefox (flatpak)", ".var/app/org.mozilla.firefox/.mozilla/firefox"},
    {"Firefox (flatpak)", ".var/app/org.mozilla.firefox/config/mozilla/firefox"},
};

struct search {
    const char *home;
    void (*found)(void *user, const struct browsers_store *store);
    void *user;
};

static bool has_database(const char *folder)
{
    char path[BROWSERS_CAP + 16];
    snprintf(path, sizeof path, "%s/cert9.db", folder);
    return probe_is_file(path);
}

static bool wants_shared_store(void)
{
    for (size_t i = 0; i < BROWSERS; i++) {
        if (browsers[i].shares_store && browsers_is_installed(&browsers[i])) {
            return true;
        }
    }
    return false;
}

static void search_shared(const struct search *s, bool make)
{
    for (size_t i = 0; i < sizeof shared_stores / sizeof shared_stores[0]; i++) {
        struct browsers_store store = {.name = shared_stores[i].name};
        snprintf(store.folder, sizeof store.folder, "%s/%s", s->home, shared_stores[i].folder);
        if (has_database(store.folder) || (i == 0 && make && wants_shared_store())) {
            s->found(s->user, &store);
        }
    }
}

/* The rest of a line that begins with `key`. */
static bool value_of(struct span line, const char *key, struct span *ret)
{
    size_t len = strlen(key);
    if (line.len > 0 && line.at[line.len - 1] == '\r') {
        line.len--;
    }
    *ret = span_sub(line, len, line.len);
    return span_is(span_sub(line, 0, len), key);
}

struct profile {
    struct span name, path;
    bool is_relative;
};

static void end_profile(const struct search *s, size_t browser, const struct profile *p)
{
    struct browsers_store store = {.name = profile_folders[browser].name};
    if (p->path.len == 0) {
        return;
    }
    snprintf(store.profile, sizeof store.profile, "%.*s", (int)p->name.len,
             (const char *)p->name.at);
    if (p->is_relative) {
        snprintf(store.folder, sizeof store.folder, "%s/%s/%.*s", s->home,
                 profile_folders[browser].folder, (int)p->path.len, (const char *)p->path.at);
    } else {
        snprintf(store.folder, sizeof store.folder, "%.*s", (int)p->path.len,
                 (const char *)p->path.at);
    }
    if (has_database(store.folder)) {
        s->found(s->user, &store);
    }
}

static void search_profiles(const struct search *s, size_t browser, struct span ini)
{
    struct profile p = {0};
    struct span value;
    while (ini.len > 0) {
        const uint8_t *end = memchr(ini.at, '\n', ini.len);
        size_t len = end != NULL ? (size_t)(end - ini.at) : ini.len;
        struct span line = span_sub(ini, 0, len);
        ini = span_sub(ini, len + 1, ini.len);
        if (value_of(line, "[", &value)) {
            end_profile(s, browser, &p);
            p = (struct profile){0};
        } else if (value_of(line, "Name=", &value)) {
            p.name = value;
        } else if (value_of(line, "Path=", &value)) {
            p.path = value;
        } else if (value_of(line, "IsRelative=", &value)) {
            p.is_relative = span_is(value, "1");
        }
    }
    end_profile(s, browser, &p);
}

void browsers_each_store(bool make, void (*found)(void *user, const struct browsers_store *store),
                         void *user)
{
    const struct search s = {getenv("HOME"), found, user};
    if (s.home == NULL) {
        return;
    }
    search_shared(&s, make);
    for (size_t i = 0; i < sizeof profile_folders / sizeof profile_folders[0]; i++) {
        char path[BROWSERS_CAP];
        struct buf ini;
        buf_init(&ini, INI_MAX);
        snprintf(path, sizeof path, "%s/%s/profiles.ini", s.home, profile_folders[i].folder);
        if (probe_read_file(path, &ini) == ERR_OK) {
            search_profiles(&s, i, buf_span(&ini));
        }
        buf_clear(&ini);
    }
}
