#include "ui/dialog_gtk.h"

/* A line of about this many characters is read with ease. */
#define LINE_CHARS 66
/* Frames and their padding around a text, and the scroll bar, in pixels. */
#define FRAMES 56

static const char style[] =
    ".task { font-size: 130%; font-weight: bold; }"
    ".host { font-size: 150%; font-weight: bold; }"
    ".strong, .section { font-weight: bold; }"
    ".small { font-size: 90%; }"
    ".digest { font-family: monospace; font-size: 90%; }"
    ".who, .words, .card { border: 1px solid alpha(currentColor, 0.35); border-radius: 6px;"
    " padding: 10px; }"
    ".words { border-style: dashed; }"
    ".warning { font-weight: bold; border-left: 4px solid #c88800; padding-left: 8px; }"
    ".banner { font-weight: bold; border: 2px solid #c01c28; border-radius: 6px; padding: 8px; }"
    ".done { font-weight: bold; border: 2px solid #26803c; border-radius: 6px; padding: 8px; }"
    ".tries { border-top: 1px solid alpha(currentColor, 0.35); padding-top: 8px; }"
    ".fine, .note, .wrong { padding-left: 8px; }"
    ".fine { border-left: 4px solid #26803c; }"
    ".note { border-left: 4px solid alpha(currentColor, 0.35); }"
    ".wrong { border-left: 4px solid #c01c28; }"
    ".message { font-weight: bold; font-size: 115%; }"
    ".pin { font-size: 130%; }"
    ".question scrollbar { margin-left: 8px; }"
    ".choice row:disabled label { color: alpha(@theme_fg_color, 0.7); }"
    "list, list row { background: none; }"
    ".choice row { border: 1px solid alpha(currentColor, 0.35); border-radius: 6px;"
    " padding: 6px 10px; margin-bottom: 4px; }"
    ".choice row:selected { background: @theme_selected_bg_color; color: "
    "@theme_selected_fg_color; }"
    ".doc { padding: 4px 0; border-bottom: 1px solid alpha(currentColor, 0.2); }";

static int char_width(GtkWidget *label)
{
    PangoContext *context = gtk_widget_get_pango_context(label);
    PangoFontMetrics *metrics = pango_context_get_metrics(context, NULL, NULL);
    int letter = pango_font_metrics_get_approximate_char_width(metrics);
    int digit = pango_font_metrics_get_approximate_digit_width(metrics);
    pango_font_metrics_unref(metrics);
    return MAX(MAX(letter, digit) / PANGO_SCALE, 1);
}

void screen_area(GdkWindow *window, GdkRectangle *ret)
{
    GdkDisplay *display = gdk_display_get_default();
    GdkMonitor *monitor = window != NULL ? gdk_display_get_monitor_at_window(display, window)
                                         : gdk_display_get_monitor(display, 0);
    *ret = (GdkRectangle){0, 0, 1024, 768};
    if (monitor != NULL) {
        gdk_monitor_get_workarea(monitor, ret);
    }
}

int line_width(void)
{
    GdkRectangle area;
    GtkWidget *plain = g_object_ref_sink(gtk_label_new(NULL));
    int width = LINE_CHARS * char_width(plain);
    g_object_unref(plain);
    screen_area(NULL, &area);
    return MIN(width, area.width * 9 / 10);
}

void label_set_share(GtkWidget *label, int percent)
{
    int width = (line_width() - FRAMES) * percent / 100;
    gtk_label_set_max_width_chars(GTK_LABEL(label), MAX(width / char_width(label), 1));
}

GtkWidget *label_new(const char *text, const char *css_class)
{
    GtkWidget *w = gtk_label_new(text);
    if (css_class != NULL) {
        widget_add_class(w, css_class);
    }
    gtk_label_set_line_wrap(GTK_LABEL(w), TRUE);
    gtk_label_set_xalign(GTK_LABEL(w), 0);
    label_set_share(w, 100);
    return w;
}

GtkWidget *label_new_unbroken(const char *text, const char *css_class)
{
    GtkWidget *w = label_new(text, css_class);
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    gtk_label_set_attributes(GTK_LABEL(w), attributes);
    gtk_label_set_line_wrap_mode(GTK_LABEL(w), PANGO_WRAP_WORD_CHAR);
    pango_attr_list_unref(attributes);
    return w;
}

GtkWidget *label_new_take(char *take_text, const char *css_class)
{
    GtkWidget *w = label_new_unbroken(take_text, css_class);
    g_free(take_text);
    return w;
}

void label_set(GtkWidget *label, const char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
}

void widget_add_class(GtkWidget *w, const char *css_class)
{
    gtk_style_context_add_class(gtk_widget_get_style_context(w), css_class);
}

void widget_name(GtkWidget *w, const char *name, const char *description)
{
    AtkObject *a = gtk_widget_get_accessible(w);
    if (name != NULL) {
        atk_object_set_name(a, name);
    }
    if (description != NULL) {
        atk_object_set_description(a, description);
    }
}

void widget_announce(GtkWidget *w, const char *text)
{
    AtkObject *a = gtk_widget_get_accessible(w);
    if (*text != '\0' && g_signal_lookup("announcement", ATK_TYPE_OBJECT) != 0) {
        g_signal_emit_by_name(a, "announcement", text);
    }
}

void style_load(GdkScreen *screen)
{
    GtkCssProvider *provider = gtk_css_provider_new();
    gtk_css_provider_load_from_data(provider, style, -1, NULL);
    gtk_style_context_add_provider_for_screen(screen, GTK_STYLE_PROVIDER(provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(provider);
}
