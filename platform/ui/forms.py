"""The form renderer: one template for a form, one for a field, everywhere (``FORM_RENDERER``)."""

from django.forms.renderers import DjangoTemplates


class XinqiaoRenderer(DjangoTemplates):
    """Error summary first, label above help above errors above the input; tied by aria-describedby."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    formset_template_name = "ui/forms/formset.html"
