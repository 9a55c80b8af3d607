#include "ui/manager_gtk.h"

GtkWidget *part_column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

void part_add(GtkWidget *box, GtkWidget *child)
{
    gtk_container_add(GTK_CONTAINER(box), child);
}

void part_empty(GtkWidget *box)
{
    GList *children = gtk_container_get_children(GTK_CONTAINER(box));
    for (GList *at = children; at != NULL; at = at->next) {
        gtk_widget_destroy(at->data);
    }
    g_list_free(children);
}

GtkWidget *part_frame(void)
{
    GtkWidget *box = part_column(6);
    widget_add_class(box, "card");
    return box;
}

GtkWidget *part_heading(const char *text)
{
    GtkWidget *w = label_new_unbroken(text, "section");
    atk_object_set_role(gtk_widget_get_accessible(w), ATK_ROLE_HEADING);
    return w;
}

GtkWidget *part_fact(const char *name, const char *value)
{
    return label_new_take(g_strdup_printf("%s: %s", name, value), NULL);
}

GtkWidget *part_button(const char *label, GCallback on_click, void *user)
{
    GtkWidget *w = gtk_button_new_with_label(label);
    GtkWidget *text = gtk_bin_get_child(GTK_BIN(w));
    gtk_label_set_line_wrap(GTK_LABEL(text), TRUE);
    gtk_widget_set_halign(w, GTK_ALIGN_START);
    g_signal_connect_swapped(w, "clicked", on_click, user);
    return w;
}

void part_copy(const char *text)
{
    GtkClipboard *board = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
    gtk_clipboard_set_text(board, text, -1);
    gtk_clipboard_set_can_store(board, NULL, 0);
}

GtkWidget *part_said(void)
{
    GtkWidget *w = label_new("", NULL);
    atk_object_set_role(gtk_widget_get_accessible(w), ATK_ROLE_ALERT);
    return w;
}
