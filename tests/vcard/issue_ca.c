/* The CA folder: <family>/{root,ca}.{pem,key}, and the bundles ca.pem, root.pem, chain.pem. */
#include "issue.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_LEN 320u

/* RSA-2048 for all RSA ones, because longer keys would take most of the time of issuing. */
static const struct {
    const char *folder;
    const char *country;
    const char *root_name;
    const char *issuing_name;
    enum key_shape shape;
} families[] = {
    [CA_EC] = {"ec", "FI", "Korttisilta TEST Root CA - G1 ECC",
               "Korttisilta TEST Certificates - G1E", SHAPE_P384},
    [CA_RSA] = {"rsa", "FI", "Korttisilta TEST Root CA - G1 RSA",
                "Korttisilta TEST Certificates - G1R", SHAPE_RSA2048},
    [CA_ORG] = {"org", "FI", "Korttisilta TEST Root CA for Organisations - G1 RSA",
                "Korttisilta TEST Organisational Certificates - G1R", SHAPE_RSA2048},
    [CA_HEALTH] = {"health", "FI", "Korttisilta TEST Root CA for Health Care - G1 RSA",
                   "Korttisilta TEST Healthcare Certificates - G1R", SHAPE_RSA2048},
    [CA_SITHS_HSA] = {"siths-hsa", "SE", "Korttisilta TEST stand-in HSA-id Root CA v1",
                      "Korttisilta TEST stand-in Person HSA-id 3 CA v1", SHAPE_RSA2048},
    [CA_SITHS_PERSON] = {"siths-person", "SE", "Korttisilta TEST stand-in Person ID Root CA v1",
                         "Korttisilta TEST stand-in Person ID 3 CA v1", SHAPE_RSA2048},
    [CA_E_LEGITIMATION] = {"e-legitimation", "SE",
                           "Korttisilta TEST stand-in e-legitimation Root CA v1",
                           "Korttisilta TEST stand-in e-legitimation CA v1", SHAPE_RSA2048},
};
_Static_assert(sizeof families / sizeof families[0] == CA_COUNT, "a row for every family");

static void path_of(char *ret, const char *folder, enum ca_family f, const char *name)
{
    snprintf(ret, PATH_LEN, "%s/%s/%s", folder, families[f].folder, name);
}

static bool save_key(const char *path, EVP_PKEY *key)
{
    FILE *out = fopen(path, "w");
    bool ok = out != NULL && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1;
    return out != NULL && fclose(out) == 0 && ok;
}

static bool save_cert(const char *path, X509 *cert)
{
    FILE *out = fopen(path, "w");
    bool ok = out != NULL && PEM_write_X509(out, cert) == 1;
    return out != NULL && fclose(out) == 0 && ok;
}

static X509 *load_cert(const char *path)
{
    FILE *in = fopen(path, "r");
    X509 *cert = in != NULL ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
    if (in != NULL) {
        fclose(in);
    }
    return cert;
}

static EVP_PKEY *load_key(const char *path)
{
    FILE *in = fopen(path, "r");
    EVP_PKEY *key = in != NULL ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
    if (in != NULL) {
        fclose(in);
    }
    return key;
}

void issue_ca_close(struct issue_ca *ca)
{
    X509_free(ca->root);
    X509_free(ca->issuing);
    EVP_PKEY_free(ca->issuing_key);
    memset(ca, 0, sizeof *ca);
}

static bool load(const char *folder, enum ca_family f, struct issue_ca *ret)
{
    char path[PATH_LEN];
    path_of(path, folder, f, "root.pem");
    ret->root = load_cert(path);
    path_of(path, folder, f, "ca.pem");
    ret->issuing = load_cert(path);
    path_of(path, folder, f, "ca.key");
    ret->issuing_key = load_key(path);
    if (ret->root != NULL && ret->issuing != NULL && ret->issuing_key != NULL) {
        return true;
    }
    issue_ca_close(ret);
    return false;
}

static bool save(const char *folder, enum ca_family f, const struct issue_ca *ca,
                 EVP_PKEY *root_key)
{
    char path[PATH_LEN];
    path_of(path, folder, f, "");
    mkdir(folder, 0700);
    mkdir(path, 0700);
    path_of(path, folder, f, "root.pem");
    bool ok = save_cert(path, ca->root);
    path_of(path, folder, f, "root.key");
    ok = save_key(path, root_key) && ok;
    path_of(path, folder, f, "ca.pem");
    ok = save_cert(path, ca->issuing) && ok;
    path_of(path, folder, f, "ca.key");
    return save_key(path, ca->issuing_key) && ok;
}

static bool make(const char *folder, enum ca_family f, struct issue_ca *ret)
{
    EVP_PKEY *keys[2] = {NULL, NULL};
    enum key_shape shapes[2] = {families[f].shape, families[f].shape};
    if (!issue_make_keys(shapes, 2, keys)) {
        return false;
    }
    ret->issuing_key = keys[1];
    ret->root = issue_cert_ca(keys[0], families[f].root_name, families[f].country, NULL, keys[0]);
    if (ret->root != NULL) {
        ret->issuing = issue_cert_ca(keys[1], families[f].issuing_name, families[f].country,
                                     ret->root, keys[0]);
    }
    bool ok = ret->issuing != NULL && save(folder, f, ret, keys[0]);
    EVP_PKEY_free(keys[0]);
    if (!ok) {
        issue_ca_close(ret);
    }
    return ok;
}

/* Puts the certificates named `parts` of every family there into one file. */
static bool bundle(const char *folder, const char *name, const char *const *parts, size_t n)
{
    char path[PATH_LEN];
    bool ok = true;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    for (size_t f = 0; out != NULL && f < sizeof families / sizeof families[0]; f++) {
        for (size_t i = 0; i < n; i++) {
            path_of(path, folder, (enum ca_family)f, parts[i]);
            X509 *cert = load_cert(path);
            ok = (cert == NULL || PEM_write_X509(out, cert) == 1) && ok;
            X509_free(cert);
        }
    }
    return out != NULL && fclose(out) == 0 && ok;
}

bool issue_ca_open(const char *folder, enum ca_family family, struct issue_ca *ret)
{
    static const char *const issuing[] = {"ca.pem"};
    static const char *const root[] = {"root.pem"};
    static const char *const both[] = {"ca.pem", "root.pem"};
    memset(ret, 0, sizeof *ret);
    if (load(folder, family, ret)) {
        return true;
    }
    return make(folder, family, ret) && bundle(folder, "ca.pem", issuing, 1) &&
           bundle(folder, "root.pem", root, 1) && bundle(folder, "chain.pem", both, 2);
}
