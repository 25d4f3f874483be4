import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import kernel.identifiers
import referrals.emergency.models.clock
import tenancy.constraints
import tenancy.ranges
import tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_no_index_twice"),
        ("emergency", "0021_drills"),
        ("tenancy", "0005_no_index_twice"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseReview",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "written_at",
                    models.DateTimeField(db_default=referrals.emergency.models.clock.ChainNow(), editable=False),
                ),
                ("words_sealed", models.BinaryField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="emergency.incident",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "review of a case",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CompanionShift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("accepted", "accepted"),
                            ("here", "here"),
                            ("over", "over"),
                            ("declined", "declined"),
                            ("cancelled", "cancelled"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                ("next_at", models.DateTimeField(null=True)),
                ("here_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("words_sealed", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=referrals.emergency.models.clock.ChainNow(), editable=False),
                ),
                (
                    "companion",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="companions",
                        to="emergency.incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "companion's shift",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mode", models.CharField(choices=[("talk", "talk"), ("watch", "watch")], max_length=5)),
                ("began_on", models.DateField()),
                ("until", models.DateField()),
                ("talks", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("goes_on_since", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "ended_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recovered", "recovered"),
                            ("left", "left"),
                            ("died", "died"),
                            ("reopened", "reopened"),
                            ("newer", "newer"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="emergency.incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "follow-up",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="GroupCare",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("group", "group"), ("single", "single")], max_length=7)),
                ("how_many", models.PositiveSmallIntegerField()),
                ("asked_on", models.DateField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "care for those who were close",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ReviewChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("until", models.DateField()),
                ("next_at", models.DateTimeField(null=True)),
                ("what_sealed", models.BinaryField()),
                ("done_at", models.DateTimeField(editable=False, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_changes",
                        to="emergency.incident",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
                (
                    "who",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "verbose_name": "change after a case",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="UnionGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "asked"), ("given", "given"), ("declined", "declined")],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("asked_on", models.DateField()),
                ("decided_on", models.DateField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="emergency.incident",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "union's own grant",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="FollowUpTalk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(db_default=referrals.emergency.models.clock.ChainNow(), editable=False)),
                (
                    "went",
                    models.CharField(
                        choices=[
                            ("recovered", "recovered"),
                            ("better", "better"),
                            ("same", "same"),
                            ("worse", "worse"),
                            ("not_reached", "not_reached"),
                            ("refused", "refused"),
                        ],
                        max_length=11,
                    ),
                ),
                ("words_sealed", models.BinaryField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="emergency.followup",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "talk of a follow-up",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="dutychange",
            name="share",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="card",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("family", "family"),
                    ("medical", "medical"),
                    ("community", "community"),
                    ("line", "line"),
                    ("progress", "progress"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="watchtask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("watch", "watch"),
                    ("tell_both", "tell_both"),
                    ("tell", "tell"),
                    ("plan", "plan"),
                    ("review", "review"),
                    ("colleagues", "colleagues"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="dutychange",
            constraint=models.CheckConstraint(
                condition=models.Q(("share", None), ("share__range", (1, 99)), _connector="OR"),
                name="duty_change_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=tenancy.constraints.TenantWall(name="emergency_casereview_wall"),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_casereview_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=models.UniqueConstraint(
                fields=("tenant", "incident", "version"), name="case_review_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=tenancy.constraints.AppendOnly(name="emergency_casereview_append_only"),
        ),
        migrations.AddIndex(
            model_name="companionshift",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="companion_due"
            ),
        ),
        migrations.AddIndex(
            model_name="companionshift",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["tenant", "companion"], name="companion_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=tenancy.constraints.TenantWall(name="emergency_companionshift_wall"),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_companionshift_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_at__isnull", False), ("state__in", ["accepted", "asked", "here"])),
                    models.Q(
                        models.Q(("state__in", ["accepted", "asked", "here"]), _negated=True), ("next_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="companion_open_has_a_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="companion_times"
            ),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["here", "over"]), _negated=True),
                    ("here_at__isnull", False),
                    _connector="OR",
                ),
                name="companion_here_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["accepted", "asked", "here"])),
                expressions=[
                    ("tenant", "="),
                    ("incident", "="),
                    (
                        tenancy.ranges.TimeRange(
                            "starts_at", "ends_at", django.contrib.postgres.fields.ranges.RangeBoundary()
                        ),
                        "&&",
                    ),
                ],
                name="companion_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["accepted", "asked", "here"])),
                expressions=[
                    ("tenant", "="),
                    ("companion", "="),
                    (
                        tenancy.ranges.TimeRange(
                            "starts_at", "ends_at", django.contrib.postgres.fields.ranges.RangeBoundary()
                        ),
                        "&&",
                    ),
                ],
                name="companion_in_one_place",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="follow_up_due"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["tenant", "due_at"], name="follow_up_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=tenancy.constraints.TenantWall(name="emergency_followup_wall"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_followup_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("due_at__isnull", False),
                        ("ended_at__isnull", True),
                        ("ended_why", ""),
                        ("next_at__isnull", False),
                    ),
                    models.Q(
                        ("due_at__isnull", True),
                        ("ended_at__isnull", False),
                        ("next_at__isnull", True),
                        models.Q(("ended_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="follow_up_open_has_a_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("began_on"))), name="follow_up_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("tenant", "incident"),
                name="follow_up_once_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=tenancy.constraints.TenantWall(name="emergency_followuptalk_wall"),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_followuptalk_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=models.UniqueConstraint(fields=("tenant", "follow_up", "number"), name="follow_up_talk_once"),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=tenancy.constraints.AppendOnly(name="emergency_followuptalk_append_only"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=tenancy.constraints.TenantWall(name="emergency_groupcare_wall"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_groupcare_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=models.CheckConstraint(condition=models.Q(("how_many__gte", 2)), name="group_care_of_several"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=models.UniqueConstraint(
                fields=("tenant", "kind", "department", "asked_on"), name="group_care_once_a_day", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="reviewchange",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="review_change_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=tenancy.constraints.TenantWall(name="emergency_reviewchange_wall"),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_reviewchange_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("done_by__isnull", True), ("next_at__isnull", False)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False), ("next_at__isnull", True)),
                    _connector="OR",
                ),
                name="review_change_open_has_a_clock",
            ),
        ),
        migrations.AddIndex(
            model_name="uniongrant",
            index=models.Index(fields=["tenant", "-asked_on", "-id"], name="union_grant_newest"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=tenancy.constraints.TenantWall(name="emergency_uniongrant_wall"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="emergency_uniongrant_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("decided_on", None), ("state", "asked")),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("decided_on__gte", models.F("asked_on")),
                        ("decided_on__isnull", False),
                        ("state__in", ["given", "declined"]),
                    ),
                    _connector="OR",
                ),
                name="union_grant_said_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("tenant", "incident"), name="union_grant_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=tenancy.constraints.TenantFK(field="incident", name="emergency_casereview_incident_fk"),
        ),
        migrations.AddConstraint(
            model_name="casereview",
            constraint=tenancy.constraints.TenantFK(field="by", name="emergency_casereview_by_fk"),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=tenancy.constraints.TenantFK(field="incident", name="emergency_companionshift_incident_fk"),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=tenancy.constraints.TenantFK(field="companion", name="emergency_companionshift_companion_fk"),
        ),
        migrations.AddConstraint(
            model_name="companionshift",
            constraint=tenancy.constraints.TenantFK(field="owner", name="emergency_companionshift_owner_fk"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=tenancy.constraints.TenantFK(field="incident", name="emergency_followup_incident_fk"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=tenancy.constraints.TenantFK(field="owner", name="emergency_followup_owner_fk"),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=tenancy.constraints.TenantFK(field="follow_up", name="emergency_followuptalk_follow_up_fk"),
        ),
        migrations.AddConstraint(
            model_name="followuptalk",
            constraint=tenancy.constraints.TenantFK(field="by", name="emergency_followuptalk_by_fk"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=tenancy.constraints.TenantFK(field="department", name="emergency_groupcare_department_fk"),
        ),
        migrations.AddConstraint(
            model_name="groupcare",
            constraint=tenancy.constraints.TenantFK(field="asked_by", name="emergency_groupcare_asked_by_fk"),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=tenancy.constraints.TenantFK(field="incident", name="emergency_reviewchange_incident_fk"),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=tenancy.constraints.TenantFK(field="who", name="emergency_reviewchange_who_fk"),
        ),
        migrations.AddConstraint(
            model_name="reviewchange",
            constraint=tenancy.constraints.TenantFK(field="done_by", name="emergency_reviewchange_done_by_fk"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=tenancy.constraints.TenantFK(field="incident", name="emergency_uniongrant_incident_fk"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=tenancy.constraints.TenantFK(field="person", name="emergency_uniongrant_person_fk"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=tenancy.constraints.TenantFK(field="asked_by", name="emergency_uniongrant_asked_by_fk"),
        ),
        migrations.AddConstraint(
            model_name="uniongrant",
            constraint=tenancy.constraints.TenantFK(field="decided_by", name="emergency_uniongrant_decided_by_fk"),
        ),
    ]
