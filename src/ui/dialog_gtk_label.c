#include "ui/dialog_gtk.h"

/* A line of about this many characters is read with ease. */
#define LINE_CHARS 66

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
    ".message { font-weight: bold; font-size: 115%; }"
    ".pin { font-size: 130%; }"
    "list, list row { background: none; }"
    ".choice row { border: 1px solid alpha(currentColor, 0.35); border-radius: 6px;"
    " padding: 6px 10px; margin-bottom: 4px; }"
    ".choice row:selected { background: @theme_selected_bg_color; color: "
    "@theme_selected_fg_color; }"
    ".doc { padding: 4px 0; border-bottom: 1px solid alpha(currentColor, 0.2); }";

static int char_width(GtkWidget *w)
{
    PangoContext *context = gtk_widget_get_pango_context(w);
    PangoFontMetrics *metrics = pango_context_get_metrics(context, NULL, NULL);
    int width = pango_font_metrics_get_approximate_char_width(metrics) / PANGO_SCALE;
    pango_font_metrics_unref(metrics);
    return MAX(width, 1);
}

int line_width(GtkWidget *w)
{
    GdkRectangle area;
    GdkMonitor *monitor = gdk_display_get_monitor(gdk_display_get_default(), 0);
    int width = LINE_CHARS * char_width(w);
    if (monitor == NULL) {
        return width;
    }
    gdk_monitor_get_workarea(monitor, &area);
    return MIN(width, area.width * 9 / 10);
}

GtkWidget *label_new(const char *text, const char *css_class)
{
    GtkWidget *w = gtk_label_new(text);
    GtkLabel *label = GTK_LABEL(w);
    gtk_label_set_line_wrap(label, TRUE);
    gtk_label_set_max_width_chars(label, line_width(w) / char_width(w));
    gtk_label_set_xalign(label, 0);
    if (css_class != NULL) {
        widget_add_class(w, css_class);
    }
    return w;
}

GtkWidget *label_new_unbroken(const char *text, const char *css_class)
{
    GtkWidget *w = label_new(text, css_class);
    gtk_label_set_line_wrap_mode(GTK_LABEL(w), PANGO_WRAP_WORD_CHAR);
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
