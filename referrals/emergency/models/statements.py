"""SQL of the engine: what it reads of a school in one message, and what it writes in one (chain §5, §10).

All run as whoever calls them, behind the wall, in the school that is open; the database keeps their plans. The rules that
judge what is read stand in Python (``resolving``, ``rules``): here rows are only picked out by their keys and their dates.
"""

from typing import Final

from families.purposes import Purpose
from families.states import ConsentState
from notifications.models import Channel
from partners.models import BOUND_STATES
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.step_rules import Target
from tenancy.constraints import Statement

_BOUND: Final = ", ".join(f"'{state}'" for state in BOUND_STATES)

FACTS: Final = Statement(
    name="emergency_facts",
    create=f"""
CREATE FUNCTION emergency_facts(legs uuid[], incidents uuid[], moment timestamptz) RETURNS jsonb LANGUAGE plpgsql
SECURITY INVOKER AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    today date;
    people uuid[];
    staff uuid[];
    wanted uuid[];
    facts jsonb;
    part jsonb;
BEGIN
    SELECT (moment AT TIME ZONE t.time_zone)::date, t.rules->'voice_seconds' INTO today, part FROM tenancy_tenant t WHERE t.id = school;
    facts := jsonb_build_object('today', today, 'voice_seconds', part);
    SELECT array_agg(DISTINCT i.person_id) INTO people FROM emergency_incident i
        WHERE i.tenant_id = school AND i.id = ANY(incidents) AND i.person_id IS NOT NULL;
    staff := coalesce(people, '{{}}');

    SELECT jsonb_object_agg(l.incident_id, l.owner_id) FILTER (WHERE l.kind = '{LegKind.SCHOOL}'), staff || array_remove(array_agg(l.owner_id), NULL)
        INTO part, staff FROM emergency_leg l WHERE l.tenant_id = school AND l.incident_id = ANY(incidents);
    facts := facts || jsonb_build_object('owners', part);

    SELECT jsonb_agg(jsonb_build_object('layer', s.layer, 'holder', s.holder_id, 'line', s.line_id)), staff || array_remove(array_agg(s.holder_id), NULL)
        INTO part, staff FROM emergency_dutyshift s WHERE s.tenant_id = school AND s.starts_at <= moment AND s.ends_at > moment;
    facts := facts || jsonb_build_object('shifts', part);

    SELECT jsonb_agg(jsonb_build_object('kind', s.kind, 'holder', s.holder_id, 'holder_line', s.holder_line_id, 'deputy', s.deputy_id,
            'deputy_line', s.deputy_line_id)), staff || array_remove(array_agg(s.holder_id) || array_agg(s.deputy_id), NULL)
        INTO part, staff FROM emergency_seat s
        WHERE s.tenant_id = school AND s.since <= today AND (s.until IS NULL OR s.until > today);
    facts := facts || jsonb_build_object('seats', part);

    facts := facts || jsonb_build_object('wecom', EXISTS (SELECT FROM notifications_provideraccount p
        WHERE p.tenant_id = school AND p.channel = '{Channel.WECOM}' AND p.is_active));

    SELECT jsonb_object_agg(d.id, d.number) INTO part FROM emergency_dutyline d WHERE d.tenant_id = school AND d.is_active;
    facts := facts || jsonb_build_object('lines', part,
        'operator', (SELECT c.operator_line_id FROM emergency_chain c WHERE c.tenant_id = school LIMIT 1));

    SELECT jsonb_agg(jsonb_build_array(l.incident_id, r.leg_id, encode(r.target_hash, 'hex'), r.answer)) INTO part
        FROM emergency_leg l JOIN emergency_recipient r ON r.tenant_id = school AND r.leg_id = l.id AND r.answer <> ''
        WHERE l.tenant_id = school AND l.incident_id = ANY(incidents);
    facts := facts || jsonb_build_object('answers', part);

    SELECT jsonb_agg(jsonb_build_array(o.incident_id, encode(o.number_hash, 'hex'), o.member_id)), staff || array_remove(array_agg(o.member_id), NULL) INTO part, staff
        FROM emergency_leftout o WHERE o.tenant_id = school AND o.incident_id = ANY(incidents);
    facts := facts || jsonb_build_object('left_out', part);

    SELECT array_agg((s.rule->>'ref')::uuid) INTO wanted FROM emergency_legstep s
        WHERE s.tenant_id = school AND s.leg_id = ANY(legs) AND s.rule->>'target' = '{Target.PARTNER}';

    IF people IS NOT NULL THEN
        SELECT jsonb_agg(jsonb_build_array(n.person_id, encode(n.number_hash, 'hex'), n.member_id)), staff || array_remove(array_agg(n.member_id), NULL) INTO part, staff
            FROM emergency_nevercontact n WHERE n.tenant_id = school AND n.person_id = ANY(people);
        facts := facts || jsonb_build_object('never', part);

        SELECT jsonb_agg(jsonb_build_array(c.person_id, c.rank, c.grades, c.fault, jsonb_build_object('id', r.id,
                'tenant_id', school, 'phone_sealed', r.phone_sealed))) INTO part
            FROM emergency_contact c JOIN families_relative r ON r.tenant_id = school AND r.id = c.relative_id
            WHERE c.tenant_id = school AND c.person_id = ANY(people) AND EXISTS (
                SELECT FROM families_consent a WHERE a.tenant_id = school AND a.relative_id = c.relative_id
                    AND a.purpose = '{Purpose.EMERGENCY}' AND a.state = '{ConsentState.GIVEN}');
        facts := facts || jsonb_build_object('contacts', part);

        SELECT jsonb_object_agg(h.person_id, h.community_id), wanted || array_agg(h.community_id) INTO part, wanted
            FROM emergency_homecommunity h WHERE h.tenant_id = school AND h.person_id = ANY(people);
        facts := facts || jsonb_build_object('homes', part);
    END IF;

    IF EXISTS (SELECT FROM emergency_incident i WHERE i.tenant_id = school AND i.id = ANY(incidents) AND i.is_drill) THEN
        SELECT jsonb_agg(jsonb_build_array(d.incident_id, p.part, p.member_id)), staff || array_remove(array_agg(p.member_id), NULL) INTO part, staff
            FROM emergency_drill d JOIN emergency_drillplayer p ON p.tenant_id = school AND p.drill_id = d.id
            WHERE d.tenant_id = school AND d.incident_id = ANY(incidents);
        facts := facts || jsonb_build_object('players', part);

        SELECT jsonb_agg(jsonb_build_array(d.incident_id, f.leg, f."position", f.fault)) INTO part
            FROM emergency_drill d JOIN emergency_drillfault f ON f.tenant_id = school AND f.drill_id = d.id
            WHERE d.tenant_id = school AND d.incident_id = ANY(incidents);
        facts := facts || jsonb_build_object('faults', part);
    END IF;

    IF wanted IS NOT NULL THEN
        SELECT jsonb_object_agg(i.id, i.contact_phone) INTO part FROM partners_institution i
            WHERE i.id = ANY(wanted) AND EXISTS (
                SELECT FROM partners_agreement a WHERE a.tenant_id = school AND a.partner_id = i.id AND a.state IN ({_BOUND})
                    AND a.valid_from <= today AND a.valid_until > today);
        facts := facts || jsonb_build_object('partners', part);
    END IF;

    SELECT jsonb_agg(jsonb_build_object('id', m.id, 'tenant_id', school, 'user_id', m.user_id, 'email', m.email, 'staff_no', m.staff_no,
            'phone_hash', m.phone_hash, 'phone_sealed', m.phone_sealed, 'active_from', m.active_from, 'left_on', m.left_on,
            'account', CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'phone_hash', u.phone_hash, 'phone_sealed', u.phone_sealed) END))
        INTO part FROM accounts_membership m LEFT JOIN accounts_user u ON u.id = m.user_id WHERE m.tenant_id = school AND m.id = ANY(staff);
    RETURN facts || jsonb_build_object('members', part);
END $$;
""",  # noqa: S608 - only words of the tables of states are put in
    drop="DROP FUNCTION IF EXISTS emergency_facts(uuid[], uuid[], timestamptz);",
)
"""What the rules of some legs can ask of the school at ``moment``: rows, not judgements; null where there are none.

``today``: the school's day. ``voice_seconds``: after so many it has a call follow, null for the usual. ``shifts`` that hold at the moment, ``seats`` of the day, ``lines`` that answer, the
``operator``'s line, whether the school has entered ``wecom``, ``owners`` of the school's legs, ``answers`` of recipients of the incidents; ``never``, ``contacts``
(who agreed), ``homes`` of the people concerned; of drills alone ``players`` and ``faults``; ``partners`` with an agreement that binds today, of those that a rule or a
home names; ``members``: the places of everybody among them, whether they belong today or not, with what tells two accounts of one person.
"""

RELEASED: Final = Statement(
    name="emergency_released",
    create="""
CREATE FUNCTION emergency_released(school uuid, which uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
DECLARE
    before timestamptz := notifications_holds_before();
BEGIN
    RETURN before IS NULL OR coalesce((SELECT i.is_drill OR i.opened_at >= before OR coalesce(i.released_at >= before, false)
        FROM emergency_incident i WHERE i.tenant_id = school AND i.id = which), true);
END $$;
""",
    drop="DROP FUNCTION IF EXISTS emergency_released(uuid, uuid);",
)
"""Whether an incident may call: in a database that is nobody's copy every one, in a copy what began there, drills, and what the
operator has released by name (ADR 0057).
"""


def released(school: str, incident: str) -> str:
    """SQL: the same of a row; in what is nobody's copy it costs one look a statement."""
    return f"((SELECT notifications_holds_before()) IS NULL OR emergency_released({school}, {incident}))"


KNOWN: Final = Statement(
    name="emergency_known",
    create="""
CREATE FUNCTION emergency_known(leg emergency_leg, known jsonb) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
BEGIN
    RETURN known IS NULL OR (known->'events' ? leg.next_event AND known->'kinds' ? leg.kind AND known->'states' ? leg.state
        AND coalesce((SELECT bool_and(known->'targets' ? coalesce(s.rule->>'target', '')
                AND (coalesce(s.rule->>'seat', '') = '' OR known->'seats' ? (s.rule->>'seat')))
            FROM emergency_legstep s WHERE s.tenant_id = leg.tenant_id AND s.leg_id = leg.id), true));
END $$;
""",
    drop="DROP FUNCTION IF EXISTS emergency_known(emergency_leg, jsonb);",
)
"""Whether an engine that knows ``known`` (``engine.known``) can work a leg: its event, kind and state, and what each of its
steps points at. Null knows all: so asks an engine from before there was the question.
"""

LOOK: Final = Statement(
    name="emergency_look",
    create=f"""
CREATE FUNCTION emergency_look(most integer, which uuid, known jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    asked timestamptz := chain_now();
    due jsonb;
    held uuid[];
    incidents uuid[];
    moment timestamptz;
BEGIN
    -- Until the transaction ends, the checks of keys at its end included: who holds a row of one school long holds up no other.
    PERFORM set_config('lock_timeout', '2s', true);
    SELECT jsonb_agg(to_jsonb(l) ORDER BY l.next_at, l.id), array_agg(l.id), array_agg(DISTINCT l.incident_id)
        INTO due, held, incidents FROM (
            SELECT * FROM emergency_leg AS leg WHERE tenant_id = school AND next_at <= asked AND (which IS NULL OR id = which)
                AND emergency_known(leg, known) AND {released("school", "leg.incident_id")}
            ORDER BY next_at, id LIMIT most FOR NO KEY UPDATE SKIP LOCKED) AS l;
    IF due IS NULL THEN
        RETURN NULL;
    END IF;
    moment := chain_now();
    RETURN jsonb_build_object(
        'moment', moment,
        'legs', due,
        'people', (SELECT jsonb_object_agg(i.id, i.person_id) FROM emergency_incident i
            WHERE i.tenant_id = school AND i.id = ANY(incidents)),
        'steps', (SELECT jsonb_agg(jsonb_build_array(s.id, s.leg_id, s.purpose, s.position, s.rule, s.wait_seconds, s.channels)
                ORDER BY s.position) FROM emergency_legstep s WHERE s.tenant_id = school AND s.leg_id = ANY(held)),
        'facts', emergency_facts(held, incidents, moment));
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_look(integer, uuid, jsonb);",
)
"""The legs of the open school that are due, at most ``most``, held by this transaction, and all that decides what follows.

What waits to be released takes no part. What is not ``known`` is left to an engine that knows it, and takes no place among them (chain §7, upgrade). Whoever holds a leg is passed over. ``which``: that leg alone, or null. Null when nothing is due. ``moment`` is the chain's,
once the locks are held; ``people``: incident → person concerned.
"""

ADVANCE: Final = Statement(
    name="emergency_advance",
    create="""
        CREATE OR REPLACE FUNCTION emergency_advance(act jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY INVOKER AS $$
        DECLARE
            school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
            -- By names of their own: a first word has a column "act".
            moment timestamptz := (act->>'moment')::timestamptz;
            lapsed uuid[] := ARRAY(SELECT x::uuid FROM jsonb_array_elements_text(act->'lapsed') AS x);
        BEGIN
            UPDATE emergency_leg AS leg
            SET state = x.state, epoch = x.epoch, round = x.round, "position" = x."position", ticks = x.ticks,
                owner_id = x.owner, taken_by_id = x.taken, since = x.since, next_event = x.next_event, next_at = x.next_at,
                asked_id = CASE WHEN x.state = 'engaged' AND x.owner = leg.owner_id THEN leg.asked_id END
            FROM jsonb_to_recordset(act->'legs') AS x(id uuid, state text, epoch integer, round smallint,
                "position" smallint, ticks smallint, owner uuid, taken uuid, since timestamptz, next_event text,
                next_at timestamptz)
            WHERE leg.tenant_id = school AND leg.id = x.id;
            INSERT INTO emergency_recipient (id, tenant_id, leg_id, step_id, is_drill, epoch, round, target_hash, role, member_id,
                partner_id, address_sealed, token_hash, code_hash, shown_number, answer, answered_at)
            SELECT x.id, school, x.leg, x.step, x.drill, x.epoch, x.round, decode(x.target, 'base64'), x.role, x.member, x.partner,
                decode(x.address, 'base64'), decode(x.token, 'base64'), decode(x.code, 'base64'), x.shown, coalesce(x.answer, ''), CASE WHEN x.answer <> '' THEN moment END
            FROM jsonb_to_recordset(act->'recipients') AS x(id uuid, leg uuid, step uuid, drill boolean, epoch integer, round smallint,
                target text, role text, member uuid, partner uuid, address text, token text, code text, shown text, answer text);
            INSERT INTO emergency_delivery (id, tenant_id, recipient_id, leg_id, is_drill, key, reference_hash, channel, text, epoch,
                rank, state, due_at, claims, error, provider_ref, receipt)
            SELECT x.id, school, x.recipient, x.leg, x.drill, x.key, decode(x.reference, 'base64'), x.channel, x.text, x.epoch, x.rank, 'queued', x.due_at,
                0, '', '', ''
            FROM jsonb_to_recordset(act->'deliveries') AS x(id uuid, recipient uuid, leg uuid, drill boolean, key text,
                reference text, channel text, text text, epoch integer, rank smallint, due_at timestamptz)
            ON CONFLICT (tenant_id, key) DO NOTHING;
            INSERT INTO emergency_timeline (id, tenant_id, incident_id, leg_id, code, who, facts)
            SELECT x.id, school, x.incident, x.leg, x.code, 'engine', x.facts
            FROM jsonb_to_recordset(act->'timeline') AS x(id uuid, incident uuid, leg uuid, code text, facts jsonb);
            IF lapsed <> '{}' THEN
                UPDATE emergency_firstword AS word SET ended_at = moment
                WHERE word.tenant_id = school AND word.incident_id = ANY(lapsed) AND word.act = 'false_alarm'
                    AND word.ended_at IS NULL;
            END IF;
            RETURN '{}'::jsonb;
        END $$;""",
    drop="DROP FUNCTION emergency_advance(jsonb)",
)
"""What one round of the engine writes for one school, in one message. Runs as whoever calls it, behind the wall."""

FOLDED_GO: Final = Statement(
    name="emergency_folded_go",
    create="""
        CREATE FUNCTION emergency_folded_go() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE emergency_delivery SET state = 'queued', folded_into_id = NULL, settled_at = NULL, due_at = chain_now()
            WHERE tenant_id = NEW.tenant_id AND folded_into_id = NEW.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER emergency_folded_go AFTER UPDATE OF state ON emergency_delivery FOR EACH ROW
            WHEN (OLD.state IN ('claimed', 'sent') AND NEW.state NOT IN ('claimed', 'sent'))
            EXECUTE FUNCTION emergency_folded_go();""",
    drop="""
        DROP TRIGGER emergency_folded_go ON emergency_delivery;
        DROP FUNCTION emergency_folded_go();""",
)
"""What is folded into a message goes by itself as soon as that one has not left or did not arrive, whoever writes so."""
