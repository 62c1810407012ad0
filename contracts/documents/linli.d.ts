// Messages of Linli. Made from contracts/ by `./linli contracts generate`: do not edit.
// Replies and events gain fields and codes in time: ignore what you do not know.

/** A problem document (RFC 9457): why nothing was done. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: RefusalCode | (string & {});
  params: Record<string, unknown>;
  errors?: { pointer: string; code: string }[];
}

/** An event as it travels (CloudEvents 1.0). */
export interface CloudEvent<Type extends string, Data> {
  specversion: "1.0";
  id: string;
  source: string;
  type: Type;
  /** Id of the aggregate. */
  subject: string;
  time: string;
  datacontenttype: "application/json";
  dataschema: string;
  /** 12-digit division code. */
  region: string;
  actor: string;
  correlationid: string;
  causationid: string;
  /** Counts the aggregate's events from 1. */
  aggversion: number;
  epoch: number;
  traceparent?: string;
  data: Data;
}

export interface AbsenceExcused {
  absence_id: string;
  session_id: string;
  person_id: string;
}

/** The excuse was taken back. */
export interface AbsenceUnexcused {
  absence_id: string;
  session_id: string;
  person_id: string;
}

/** The family takes the offered seats. */
export interface AcceptOffer {
  enrolment_id: string;
}

/** One row of the audit log: who did what when, where and why; `times` rows like it are told as one. */
export interface Access {
  entry: number;
  at: string;
  action: "record-read" | "roster-read" | "contacts-read" | "exported" | "audit-read" | "access-refused" | "login-failed" | "account-locked" | "account-unlocked" | "account-created" | "account-closed" | "password-changed" | "identity-linked" | "approval-requested" | "approval-granted" | "approval-refused" | "approval-withdrawn" | "approval-used" | "glass-broken" | "glass-reviewed" | "hours-approved" | "hours-rejected" | "hours-reversed" | "post-given" | "post-ended" | "duty-delegated" | "delegation-ended" | "client-registered" | "client-key-added" | "client-revoked" | "consent-recorded" | "consent-withdrawn" | "person-exported" | "person-corrected" | "person-restricted" | "erasure-requested" | "request-filed" | "request-answered" | "person-erased" | "records-purged" | "key-deleted" | (string & {});
  actor: string;
  region: string;
  reason: string;
  thing: string | null;
  times: number;
}

/** Rows about one person, newest first; for older ones ask again `before` the last. */
export interface AccessLog {
  accesses: Access[];
  more: boolean;
}

export interface AccountClosed {
  account_id: string;
  person_id: string;
}

export interface AccountCreated {
  account_id: string;
  person_id: string;
}

export interface AccountState {
  account_id: string;
  person_id: string;
  closed: boolean;
}

/** Acts at another of the own offices from now on; whoever knows the token may. */
export interface ActAt {
  token_hash: string;
  unit_id: string;
}

/** Records of activities whose time was over are deleted; the audit log has a row of it. */
export interface ActivitiesRecordsPurged {
  record_id: string;
  record_class: string;
  gone: number;
  held: number;
  days: number;
  source: string;
}

/** A new secret; those before it stay good for `overlap_hours` more, so that the system can be changed over. */
export interface AddClientSecret {
  client_id: string;
  secret_hash: string;
  overlap_hours?: number;
}

/** What one later change of a session added to a frozen number, or took away. */
export interface Adjustment {
  change_id: string;
  session_id: string;
  at: string;
  reason: string;
  sessions_held: number;
  person_times: number;
  persons: number;
  sessions_declared: number;
  declared_heads: number;
}

/**
 * Corrects a programme, or names the project that pays for it; what is left out stays (A4, R8).
 *
 * `no_project` takes its project away. Sessions count for the project that they have when they are closed; what was
 * counted stays.
 */
export interface AmendProgramme {
  programme_id: string;
  name?: string | null;
  theme?: string | null;
  year?: number | null;
  members?: number | null;
  project_id?: string | null;
  no_project?: boolean;
}

/**
 * Changes this session of a series, this and the following ones, or all that lie ahead (A2, A3).
 *
 * What is left out stays. `session_id` names the session for `this` and `following`. With `this` the change counts as
 * made by hand. New times or another room move sessions: whoever has seats is asked again (A16).
 */
export interface AmendSeries {
  series_id: string;
  scope: "this" | "following" | "all";
  session_id?: string | null;
  title?: string | null;
  capacity?: number | null;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+")[] | null;
  queue_open?: boolean | null;
  begins?: string | null;
  ends?: string | null;
  room_id?: string | null;
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | null;
  set_up?: number | null;
  clear_up?: number | null;
  project_id?: string | null;
  reason?: string | null;
}

/**
 * Changes a session by hand; what is left out stays, and time and place are moved by MoveSession.
 *
 * A later change of its whole series leaves alone what was changed here (A3). Fewer seats than are taken, or more
 * while families wait, are refused: the queue decides that.
 */
export interface AmendSession {
  session_id: string;
  title?: string | null;
  programme_id?: string | null;
  capacity?: number | null;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+")[] | null;
  queue_open?: boolean | null;
  permit_number?: string | null;
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | null;
  join_link?: string | null;
  set_up?: number | null;
  clear_up?: number | null;
  expected_heads?: number | null;
  project_id?: string | null;
}

/** `kept` are sessions of the scope that were changed by hand in one of these fields, and so left alone (A3). */
export interface AmendedSeries {
  series_id: string;
  fields: string[];
  amended: string[];
  kept: string[];
  version: number;
}

/**
 * Takes in the State Council's notice of a year (全国年节及纪念日放假办法); a later word for a year goes before.
 * It holds for the whole country, and so does the region of whoever announces it.
 *
 * The years 2004 to 2026 are known from the start. All days must lie in the year, and none be both off and worked.
 */
export interface AnnounceHolidays {
  year: number;
  days_off: DayOff[];
  worked?: string[];
  source: string;
}

/**
 * Announces a school term (学期) of a district or city; what lies between two terms are school holidays (A2).
 *
 * The same id announces other days of the same term.
 */
export interface AnnounceTerm {
  term_id: string;
  region: string;
  name: string;
  first_day: string;
  last_day: string;
}

/** Says that what was asked is done, or why it is not (PIPL 50). Nobody answers her own request. */
export interface AnswerPersonRequest {
  person_request_id: string;
  fulfilled: boolean;
  reason?: string | null;
}

export interface AppealDecided {
  appeal_id: string;
  standing_id: string;
  person_id: string;
  unit_id: string;
  status: "open" | "upheld" | "dismissed" | (string & {});
}

export interface AppealOpened {
  appeal_id: string;
  standing_id: string;
  person_id: string;
  unit_id: string;
  reason: "was_there" | "withdrew" | "ill" | "not_told" | "other" | (string & {});
}

/** A suspended person, or staff for her, asks that her absences do not count (A14). */
export interface AppealStanding {
  standing_id: string;
  appeal_id: string;
  reason: "was_there" | "withdrew" | "ill" | "not_told" | "other";
}

/**
 * Plans what an upload would do: all new and changed rows, or those of `rows`; refused ones are passed over.
 *
 * Every row is decided anew: what has come to stand against it meanwhile is refused and said so. New sessions are
 * drafts unless `publish`.
 */
export interface ApplyPlan {
  upload_id: string;
  rows?: number[];
  publish?: boolean;
}

/** A person takes a post at a unit from a day on (R4, R5). */
export interface Appoint {
  appointment_id: string;
  unit_id: string;
  person_id: string;
  post: "chair" | "vice_chair" | "executive_member" | "site_keeper" | "officer" | "auditor" | "operator";
  since: string;
}

export interface AppointmentEnded {
  appointment_id: string;
  person_id: string;
  unit_id: string;
  post: "chair" | "vice_chair" | "executive_member" | "site_keeper" | "officer" | "auditor" | "operator" | (string & {});
  until: string;
}

export interface AppointmentState {
  appointment_id: string;
  person_id: string;
  unit_id: string;
  post: "chair" | "vice_chair" | "executive_member" | "site_keeper" | "officer" | "auditor" | "operator" | (string & {});
  since: string;
  until: string | null;
}

/** The host takes a family: it gets its seats or its place in the queue, in order of its request (A9). */
export interface ApproveEnrolment {
  enrolment_id: string;
}

/**
 * Credits the minutes of a closed stint to the ledger. Nobody approves own or self-recorded minutes (V18).
 *
 * At most 12 hours a day and volunteer are credited (V25).
 */
export interface ApproveHours {
  entry_id: string;
  stint_id: string;
}

/**
 * Opens the record to whoever asked, for the time asked. Nobody approves her own request, nor one of the holder
 * of the post in which she stands in.
 */
export interface ApproveRecordAccess {
  record_access_id: string;
}

export interface AssignmentState {
  assignment_id: string;
  shift_id: string;
  volunteer_id: string;
  status: string;
  version: number;
}

/** A certificate of attendance as its holder gets it: how many sessions, in which time, certified by whom (A40). */
export interface AttendanceCertificate {
  attendance_certificate_id: string;
  certificate_no: string;
  check_code: string;
  person_id: string;
  sessions: number;
  since: string;
  until: string;
  unit_id: string;
  issued_at: string;
}

/** activities asked for it and counted; volunteers issues and answers for it (A40). */
export interface AttendanceCertificateIssued {
  attendance_certificate_id: string;
  certificate_no: string;
  person_id: string;
  unit_id: string;
  sessions: number;
}

/** What the issuer is to certify. Attendance is no volunteering: there are no hours in it (Order 67 article 19). */
export interface AttendanceCertificateRequested {
  attendance_certificate_id: string;
  person_id: string;
  unit_id: string;
  since: string;
  until: string;
  sessions: number;
  rule: string;
}

/** A person came (`check_in`) or left (`check_out`). */
export interface AttendanceRecorded {
  attendance_id: string;
  session_id: string;
  person_id: string;
  mark: "check_in" | "check_out" | (string & {});
  method: "qr" | "code" | "assisted" | "paper" | "online" | (string & {});
  occurred_at: string;
}

export interface AttendanceReverted {
  attendance_id: string;
  session_id: string;
  person_id: string;
}

/** `flagged` says that the device's clock was off by minutes and the times were set right by the service's. */
export interface AttendanceState {
  attendance_id: string;
  session_id: string;
  person_id: string;
  inside: boolean;
  checked_in_at: string;
  checked_out_at: string | null;
  version: number;
  walk_in?: boolean;
  flagged?: boolean;
}

/**
 * The guardian names somebody of age who may fetch a child under 14 from a site (A27; 未成年人保护法 art. 22).
 *
 * The guardian herself needs no such entry. People are ids of registry; names are asked there.
 */
export interface AuthorisePickUp {
  pick_up_id: string;
  child_id: string;
  person_id: string;
  site_id: string;
  given_by: string;
  until?: string | null;
}

/** Opens a minor's record at once for 15 minutes, in an emergency; somebody else reviews it within a day (A52). */
export interface BreakGlass {
  record_access_id: string;
  person_id: string;
  reason: "guardian_request" | "correction" | "care" | "safeguarding" | "emergency";
  reason_text: string;
}

/** A site let a week pass without any session (`weekly-1`), or a month without anything new (`monthly-1`). */
export interface CadenceBroken {
  cadence_id: string;
  site_id: string;
  unit_id: string;
  rule: string;
  first_day: string;
  last_day: string;
}

export interface CadenceList {
  outcomes: RuleOutcome[];
}

/** The newest 1,000 sessions from 60 days ago on; `changed_at` is the last change of any, a person's always now. */
export interface Calendar {
  name: string;
  changed_at: string;
  entries: FeedEntry[];
}

/** A session on a calendar, in as few words as will do. */
export interface CalendarEntry {
  session_id: string;
  title: string;
  site_id: string;
  room_id: string;
  starts_at: string;
  ends_at: string;
  status: "drafted" | "published" | "blocked" | "closed" | "cancelled" | (string & {});
  mode: "in_person" | "mixed" | "online" | (string & {});
  capacity: number;
  free: number;
}

export interface CalendarState {
  feed_id: string;
  kind: "person" | "site" | "unit" | (string & {});
  topic_id: string;
  revoked: boolean;
}

/**
 * Calls off this session of a series, this and the following ones, or all that lie ahead, changed by hand or not.
 *
 * Each session says so, its families are told, what was pending dies (A15, N7). A series that is called off as a whole
 * is changed no more.
 */
export interface CancelSeries {
  series_id: string;
  scope: "this" | "following" | "all";
  session_id?: string | null;
  reason: string;
}

/**
 * The host calls a session off; everybody enrolled is told, what was pending dies (A15, N7).
 *
 * Of a drafted session, which nobody knows, nothing is said.
 */
export interface CancelSession {
  session_id: string;
  reason: string;
}

export interface CancelledSeries {
  series_id: string;
  cancelled: string[];
  version: number;
}

/** A session has other seats than before; `capacity_id` is the id of the session (A5). */
export interface CapacityChanged {
  capacity_id: string;
  session_id: string;
  before: number;
  capacity: number;
  seats_taken: number;
  quotas?: QuotaState[];
}

export interface CareSet {
  care_id: string;
  programme_id: string;
  children_per_adult: number;
  least_adults: number;
  grace_minutes: number;
}

export interface CareState {
  care_id: string;
  programme_id: string;
  children_per_adult: number;
  least_adults: number;
  grace_minutes: number;
  version: number;
}

export interface CentreOpened {
  centre_id: string;
  name: string;
  unit_id: string;
}

export interface CentreState {
  centre_id: string;
  name: string;
  region: string;
}

export interface CertificateIssued {
  certificate_id: string;
  certificate_no: string;
  volunteer_id: string;
  person_id: string;
  unit_id: string;
  minutes: number;
}

/** Minutes that a certificate counts were taken back by the ledger line `reverses`: it is valid no more (V22). */
export interface CertificateRevoked {
  certificate_id: string;
  certificate_no: string;
  volunteer_id: string;
  person_id: string;
  reverses: string;
}

/** A certificate as its holder gets it: service time, content and recording unit (Order 67 art. 14, 15). */
export interface CertificateState {
  certificate_no: string;
  check_code: string;
  volunteer_no: string;
  minutes: number;
  by_grade: HoursByGrade[];
  services: number;
  contents: string[];
  since: string;
  until: string;
  unit_id: string;
  issued_at: string;
  revoked: boolean;
}

/** A frozen number: `frozen` never changes, `adjusted` is what later corrections made of it. */
export interface CertifiedCount {
  count_id: string;
  period_id: string;
  region: string;
  period: string;
  kind: "all" | "programme" | "project" | "site" | "audience" | (string & {});
  topic: string | null;
  rule: string;
  closed_at: string;
  frozen: Figures;
  adjusted: Figures;
  adjustments: number;
}

export interface CertifiedCounts {
  counts: CertifiedCount[];
}

/**
 * Adds seats, which are offered to the next families that fit, or takes free ones away (A5, A10).
 *
 * What is left out stays as it is. No quota falls below what is taken of it.
 */
export interface ChangeCapacity {
  session_id: string;
  capacity: number;
  child_seats?: number | null;
  reserved?: ReservedSeats[] | null;
  walk_in_seats?: number | null;
}

/**
 * Other people come than were named (A9). Seats for all of them or the old family stays; where the host approves,
 * whoever is new is looked at again, and the family keeps its seats meanwhile.
 */
export interface ChangeFamily {
  enrolment_id: string;
  people: string[];
}

/** Sets the own password anew and ends every login: whoever knew the old one is out. */
export interface ChangePassword {
  old_password: string;
  password: string;
}

/**
 * Gives a series other days: from the session `session_id` on (`following`), or all that lie ahead (A2, A3).
 *
 * What is left out stays. A session whose day the new rule has no more goes, with its families, to the nearest new day
 * within six days; whoever has seats is asked again (A16). A day that no session goes to gets a new one, made like the
 * first that nobody changed by hand; a session that finds no day is called off, with everything that means (A15).
 * Never moved: a session whose time was changed by hand. Never called off: one changed by hand in anything. A day on
 * which a session was called off by hand stays empty, unless `also_on` names it. With `this` one session alone is held
 * `on` another day, and counts as moved by hand. All of it or nothing.
 */
export interface ChangeSeriesRule {
  series_id: string;
  scope: "this" | "following" | "all";
  session_id?: string | null;
  on?: string | null;
  weekdays?: number[];
  recurrence?: string | null;
  last_day?: string | null;
  begins?: string | null;
  ends?: string | null;
  except_on?: string[] | null;
  also_on?: string[] | null;
  skip_holidays?: boolean | null;
  make_up_days?: "ignore" | "hold" | "skip" | null;
  term_days?: "any" | "in_term" | "between" | null;
  reason: string;
}

/**
 * What enrolling would be answered, with every reason against it and not only the first; changes nothing (A7).
 *
 * Which kind of household a family is stands in no address of the web: the answer holds for one that is served.
 */
export interface CheckEligibility {
  session_id: string;
  contact_id: string;
  people: string[];
}

/** Opens a stint of an assigned volunteer, at most 60 minutes before the shift begins (V14). */
export interface CheckInVolunteer {
  stint_id: string;
  shift_id: string;
  volunteer_id: string;
  grade: "device_verified" | "witnessed" | "back_filled" | "imported";
  occurred_at: string;
}

/** Closes a stint. Minutes are whole, rounded down, capped at the shift's end plus 30 min (rule `hours-1`, V25). */
export interface CheckOutVolunteer {
  stint_id: string;
  occurred_at: string;
}

/** The child left; `late` after the session's grace was over. */
export interface ChildHandedOver {
  child_id: string;
  session_id: string;
  attendance_id: string;
  hand_over_id: string;
  received_by: string;
  occurred_at: string;
  late: boolean;
}

/**
 * Nobody has fetched a child although the session and its grace are over; `tell` is the guardian, the people on
 * duty and the keepers of the site: to be told at once, whatever the hour. After `until` a message is worth nothing.
 */
export interface ChildOverdue {
  child_id: string;
  session_id: string;
  unit_id: string;
  site_id: string;
  ended_at: string;
  until: string;
  tell: string[];
}

/** Its last day is over. */
export interface ClearanceExpired {
  clearance_id: string;
  volunteer_id: string;
  person_id: string;
  kind: "background_check" | "health_check" | "training" | "insurance" | (string & {});
}

export interface ClearanceRecorded {
  clearance_id: string;
  volunteer_id: string;
  person_id: string;
  kind: "background_check" | "health_check" | "training" | "insurance" | (string & {});
  valid_until: string;
}

/** `valid_until` is its last day; `ended` once it has lapsed or was withdrawn. */
export interface ClearanceState {
  clearance_id: string;
  volunteer_id: string;
  kind: "background_check" | "health_check" | "training" | "insurance" | (string & {});
  valid_until: string;
  ended: boolean;
  version: number;
}

export interface ClearanceWithdrawn {
  clearance_id: string;
  volunteer_id: string;
  person_id: string;
  kind: "background_check" | "health_check" | "training" | "insurance" | (string & {});
}

export interface ClientRegistered {
  client_id: string;
  unit_id: string;
  name: string;
}

export interface ClientRevoked {
  client_id: string;
  unit_id: string;
}

/** A system of somebody else that may ask in the name of a unit. `secrets` are those good now. */
export interface ClientState {
  client_id: string;
  unit_id: string;
  region: string;
  name: string;
  secrets: number;
  revoked: boolean;
}

/** Ends every login of an account and lets nobody log in again. Its holder is out everywhere within 30 seconds. */
export interface CloseAccount {
  account_id: string;
}

/** A site is closed on some days (装修, 年假): nothing more is planned there then, series leave them out (R2). */
export interface CloseDays {
  closing_id: string;
  site_id: string;
  first_day: string;
  last_day: string;
  reason: string;
}

/** What became of a follow-up: done, or dropped, with a code that says how or why. Late is better than never. */
export interface CloseFollowUp {
  follow_up_id: string;
  done?: boolean;
  result: string;
}

/**
 * Freezes the numbers of a region's subtree for a period that is over (A25). What is counted or corrected later
 * is an adjustment. Every level closes its own; a session is in each of them once.
 *
 * Sessions of the period that nobody closed yet hold it up, unless `leave_uncounted` lets them come as adjustments.
 */
export interface ClosePeriod {
  period_id: string;
  region: string;
  period: string;
  leave_uncounted?: boolean;
}

/**
 * Ends attendance and certifies the count of a session by rule `attendance-count-1` (A24): held when anybody came.
 *
 * Closing a closed session again certifies the same count. A session of care is not closed over a child that is still
 * inside: nobody could be handed it any more (A27).
 */
export interface CloseSession {
  session_id: string;
}

/** Closes a site for good; what was held there stays on record. */
export interface CloseSite {
  site_id: string;
}

export interface ClosingList {
  closings: ClosingState[];
}

/** `sessions` are those planned on these days already: they are not called off by this. */
export interface ClosingState {
  closing_id: string;
  site_id: string;
  region: string;
  first_day: string;
  last_day: string;
  reason: string;
  withdrawn: boolean;
  sessions?: string[];
}

export interface ClosingWithdrawn {
  closing_id: string;
  site_id: string;
}

/** Asked by gateway and doorkeeper while a system uses its token: is it, and the key that got it the token, good? */
export interface ConfirmClient {
  client_id: string;
  key_name: string;
}

/** One giving of a consent. `ended_at` is when it was withdrawn, ran out, or was renewed; `ended_why` says which. */
export interface ConsentEntry {
  consent_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  notice_version: string;
  given_by: string;
  given_at: string;
  method: "app" | "paper" | "witnessed" | (string & {});
  evidence: string | null;
  recorded_by: string | null;
  expires_at: string | null;
  ended_at: string | null;
  ended_why: string | null;
  effects: string[];
}

export interface ConsentGiven {
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  consent_id?: string | null;
  notice_version?: string | null;
  expires_at?: string | null;
}

/** A consent that stands, and until when unless it is renewed. */
export interface ConsentToRenew {
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  notice_version: string;
  ends_at: string;
}

/**
 * What rested on a consent has ended here. `withdrawal_id` is the event that ended the consent.
 *
 * `enrolments` are those that were withdrawn by it, with all their people; they come again in a later version when a
 * sign-up was under way at the moment of withdrawal.
 */
export interface ConsentWithdrawalApplied {
  withdrawal_id: string;
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  effects: string[];
  enrolments?: string[];
}

/** A consent no longer stands. `why` is `withdrawn`, `expired`, or `outdated` by a newer privacy notice. */
export interface ConsentWithdrawn {
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  consent_id?: string | null;
  why?: string;
}

export interface ConsentsToRenew {
  consents: ConsentToRenew[];
}

/** Whom a message reaches. For a minor these are the guardian's; `person_id` is the one asked for. */
export interface Contact {
  person_id: string;
  name: string;
  email: string | null;
  language: string;
}

export interface Contacts {
  contacts: Contact[];
}

/**
 * Mends a counted session (A21, A22, A25): `came` are people of a paper sheet that came in late, `not_came` are
 * attendances that were a mistake. People are added on evidence alone, a reference to the photo of the sheet.
 */
export interface CorrectAttendance {
  correction_id: string;
  session_id: string;
  came?: string[];
  not_came?: string[];
  reason: string;
  evidence?: string | null;
}

/**
 * Corrects or completes what is kept of a person (PIPL 46). What is left out stays; `no_email` takes hers away.
 *
 * That a minor is of age is corrected by whoever has her record open: on approval by somebody else, or by break-glass.
 */
export interface CorrectPerson {
  person_id: string;
  name?: string | null;
  email?: string | null;
  no_email?: boolean;
  language?: string | null;
  age_band?: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | null;
  guardian_id?: string | null;
}

/** A counted session was corrected; differences. */
export interface CorrectionMade {
  correction_id: string;
  session_id: string;
  unit_id: string;
  person_times: number;
  persons: number;
  rule: string;
}

/** The session's figures after the correction. */
export interface CorrectionState {
  correction_id: string;
  session_id: string;
  person_times: number;
  persons: number;
  declared_heads: number;
}

/** What was paid for, in cents of a yuan. */
export interface Cost {
  item: string;
  cents: number;
}

/** Counts of the closed sessions of a region's subtree that started in [since, until) (A24). */
export interface CountActivities {
  region: string;
  since: string;
  until: string;
}

/** A later change of a session touched a frozen number; the number itself stays. Differences, None if withheld. */
export interface CountAdjusted {
  count_id: string;
  period_id: string;
  change_id: string;
  session_id: string;
  sessions_held: number;
  person_times?: number | null;
  persons?: number | null;
  declared_heads: number;
}

/** A frozen number: exact value and official phrase of 人次, None where they are withheld (A24, A53). */
export interface CountCertified {
  count_id: string;
  period_id: string;
  period: string;
  kind: "all" | "programme" | "project" | "site" | "audience" | (string & {});
  topic?: string | null;
  rule_version: string;
  sessions_held: number;
  exact?: number | null;
  persons?: number | null;
  phrase?: string | null;
}

/** One attendance that a number counts. */
export interface CountFact {
  attendance_id: string;
  session_id: string;
  person_id: string;
}

/** `after` asks for the next page; None on the last one. */
export interface CountFacts {
  facts: CountFact[];
  after?: string | null;
}

export interface CountHistory {
  count: CertifiedCount;
  adjustments: Adjustment[];
}

/** Notices of a region's subtree by channel and state; with `session_id` those about that session alone (N7). */
export interface CountNotices {
  region: string;
  session_id?: string | null;
}

/** Visits of a region's subtree in [since, until), of one programme or of all. */
export interface CountVisits {
  region: string;
  since: string;
  until: string;
  programme_id?: string | null;
}

/** A counted session with its own figures. */
export interface CountedSession {
  session_id: string;
  site_id: string;
  region: string;
  starts_at: string;
  person_times: number;
  persons: number;
  declared_heads: number;
}

export interface CountedSessions {
  sessions: CountedSession[];
  after?: string | null;
}

/** 场次 (held sessions), 人次 (attendances), 人数 (distinct persons) by the named rule. */
export interface Counts {
  sessions_held: number;
  person_times: number;
  persons: number;
  rule: string;
  phrase: string;
}

export interface CoursePassList {
  passes: CoursePassState[];
}

export interface CoursePassState {
  pass_id: string;
  person_id: string;
  site_id: string;
  course_id: string;
  kind: "programme" | "series" | (string & {});
  visits: number;
  used: number;
  valid_until: string;
  price_cents: number;
  ended: boolean;
  version: number;
}

export interface CoursePassUses {
  course_pass: CoursePassState;
  uses: PassUse[];
}

/**
 * Gives a registered person a login. What she may do follows from her offices, not from the account.
 *
 * Only whoever acts where she lives and where all her offices are gives it.
 */
export interface CreateAccount {
  account_id: string;
  person_id: string;
  login: string;
  password: string;
}

/**
 * A private calendar of a person's sessions, of a site or of a unit, at an address that nobody can guess.
 *
 * It shows sessions of the region of whoever made it, and no names of people.
 */
export interface CreateFeed {
  feed_id: string;
  kind: "person" | "site" | "unit";
  topic_id: string;
  token_hash: string;
}

/**
 * A named line of activities (蓝色成长课堂), maybe under a frame (五彩课堂) that need not be complete (A1, A4).
 *
 * `members` is the number in the name of a set; fewer, or more, may be listed. `project_id` is the project of registry
 * that pays for its sessions and for those of the programmes below it, unless one is named there (R8).
 */
export interface CreateProgramme {
  programme_id: string;
  name: string;
  unit_id: string;
  region: string;
  parent_id?: string | null;
  theme?: string | null;
  kind?: "frame" | "brand" | "theme";
  year?: number | null;
  members?: number | null;
  project_id?: string | null;
}

/** A day off by its holiday: 春节. */
export interface DayOff {
  day: string;
  name: string;
}

export interface DaysClosed {
  closing_id: string;
  site_id: string;
  first_day: string;
  last_day: string;
  reason: string;
}

/** Somebody else than who asked, and than whom it is about, decides. Upheld: her absences so far count no more. */
export interface DecideAppeal {
  appeal_id: string;
  uphold: boolean;
}

/** A person says which division an undecided row means: the site opens, and the spelling is remembered. */
export interface DecidePlace {
  site_id: string;
  region: string;
}

/**
 * All heads in the room as somebody counted them, named or not (A23): kept beside the identified, never added to
 * them. Of several declarations the last one counts. A photo or a turnstile needs `evidence`.
 */
export interface DeclareHeadcount {
  headcount_id: string;
  session_id: string;
  heads: number;
  method: "counted" | "estimated" | "photo" | "turnstile";
  evidence?: string | null;
}

/**
 * What the gateway asks for whoever opened the signed link of an offer's letter (A10). Again: the same answer.
 *
 * `answer_by` names the very offer: a link of an earlier one declines nothing.
 */
export interface DeclineByLink {
  enrolment_id: string;
  answer_by: string;
}

/** The family lets the offered seats go; they are offered to the next that fits. */
export interface DeclineOffer {
  enrolment_id: string;
}

/** Lets somebody stand in for the holder of a post from `since` to `until`, both included (X14). */
export interface Delegate {
  delegation_id: string;
  appointment_id: string;
  person_id: string;
  since: string;
  until: string;
}

export interface DelegationEnded {
  delegation_id: string;
  appointment_id: string;
  person_id: string;
  unit_id: string;
}

export interface DelegationStarted {
  delegation_id: string;
  appointment_id: string;
  person_id: string;
  unit_id: string;
  since: string;
  until: string;
}

export interface DelegationState {
  delegation_id: string;
  appointment_id: string;
  person_id: string;
  since: string;
  until: string;
}

export interface DivisionState {
  code: string;
  name: string;
  level: "province" | "city" | "district" | "street" | "community" | (string & {});
  parent_code: string | null;
}

/** A part of a division list was taken in; counts of rows. */
export interface DivisionsImported {
  division_import_id: string;
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
}

/** The reply of a command whose caller needs no more than to know that it is done. */
export type Done = Record<string, never>;

/** `version` changes whenever anything here does. `missing` are those expected who have not come. */
export interface Door {
  session_id: string;
  version: string;
  unchanged?: boolean;
  title?: string | null;
  starts_at?: string | null;
  ends_at?: string | null;
  status?: "drafted" | "published" | "blocked" | "closed" | "cancelled" | (string & {}) | null;
  expected?: number;
  inside?: number;
  left?: number;
  missing?: number;
  heads_declared?: number | null;
  entries?: DoorEntry[];
}

/**
 * Somebody who is expected or came. `hand_over`: a child that leaves only by a hand-over. `health_note`: there is
 * one to read. `no_face`: no consent to photos, so no face in any (A29).
 */
export interface DoorEntry {
  person_id: string;
  enrolment_id: string | null;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {});
  presence: "expected" | "present" | "late" | "left" | "absent" | "excused" | (string & {});
  came_at?: string | null;
  left_at?: string | null;
  walk_in?: boolean;
  hand_over?: boolean;
  health_note?: boolean;
  no_face?: boolean;
  pass_code: string;
}

export interface DraftList {
  sessions: SessionState[];
}

/** A session's seats will be drawn at `closes_at`; `draw_id` is the id of the session. */
export interface DrawAnnounced {
  draw_id: string;
  session_id: string;
  commitment: string;
  closes_at: string;
  allocation: "arrival" | "lottery" | "need_first" | (string & {});
}

/** `outcome` is what the draw gave: `placed`, `queued` or `not-drawn`; `seats_free` were free just before. */
export interface DrawEntry {
  enrolment_id: string;
  rank: number;
  lot: string;
  seats?: number | null;
  seats_free?: number | null;
  outcome?: string | null;
}

/**
 * The seed is open. `entries` are all enrolments of the draw by id; `entries_by_rank` how many had each rank.
 *
 * Which family declared which need is nobody else's business (PIPL article 28): ranks are shown to the host and
 * its supervisors by `get-draw` alone. `order_digest` is sha256 over the ids in their order, joined by commas.
 */
export interface DrawHeld {
  draw_id: string;
  session_id: string;
  seed: string;
  commitment: string;
  allocation: "arrival" | "lottery" | "need_first" | (string & {});
  entries: string[];
  entries_by_rank: number[];
  order_digest: string;
  seated: number;
}

/**
 * `seed` and `order` once the draw is held; before it the commitment alone.
 *
 * `order` is that in which seats were given, `parted` says that quotas had a say too (A5), `queue_open` that whoever
 * found no seat waits.
 */
export interface DrawState {
  session_id: string;
  commitment: string;
  closes_at: string;
  allocation: "arrival" | "lottery" | "need_first" | (string & {});
  held_at?: string | null;
  seed?: string | null;
  order?: DrawEntry[];
  parted?: boolean;
  queue_open?: boolean;
  entries?: string[];
  entries_by_rank?: number[];
  order_digest?: string | null;
}

/** A session that is called off because the new rule has no day for it. */
export interface DroppedDay {
  session_id: string;
  day: string;
  seats_taken: number;
  waiting: number;
}

/** Somebody on duty; `cleared_until` is the last day on which the background check holds. */
export interface DutyEntry {
  person_id: string;
  volunteer_id: string;
  cleared: boolean;
  cleared_until: string | null;
}

/** `would_be` is what an enrolment of now would come to when there is no reason against it. */
export interface Eligibility {
  eligible: boolean;
  reasons: EligibilityReason[];
  would_be?: "confirmed" | "waiting" | "offered" | "withdrawn" | "cancelled" | "requested" | "under_review" | "entered" | "refused" | (string & {}) | null;
  position?: number | null;
}

/** Why not, in words: the code of the refusal, whom it is about, and what is needed. */
export interface EligibilityReason {
  code: string;
  person_id?: string | null;
  zh: string;
  en: string;
}

/** The last day in a post. As long as she is in office it can be told anew, if it is earlier. */
export interface EndAppointment {
  appointment_id: string;
  until: string;
}

/** No visit is taken from it any more: it was paid back, lost, or issued by mistake; what was used stays. */
export interface EndCoursePass {
  pass_id: string;
  reason: string;
}

/** Ends it at once; one that ended before stays as it is. */
export interface EndDelegation {
  delegation_id: string;
}

/** The guardian takes an authorisation back; from then on nobody is handed the child by it. */
export interface EndPickUp {
  pick_up_id: string;
  given_by: string;
}

/** An enrolment that ended because a consent did. */
export interface EndedEnrolment {
  withdrawal_id: string;
  enrolment_id: string;
  session_id: string;
  at: string;
}

/** What one withdrawal has ended. */
export interface EndedVolunteering {
  withdrawal_id: string;
  at: string;
  assignments: string[];
  memberships: string[];
}

export interface EndpointList {
  endpoints: EndpointState[];
}

export interface EndpointRegistered {
  endpoint_id: string;
  name: string;
}

/**
 * `reason` is `removed` by its owner, `gone` (the receiver answered 410), or `client-revoked`: the system that
 * registered it lost its access.
 */
export interface EndpointRemoved {
  endpoint_id: string;
  reason: string;
}

/**
 * The new signing secret of an endpoint (`whsec_…`), shown once: a repeat does not get it, and rotates again. The
 * former one signs beside it until `former_until`.
 */
export interface EndpointSecret {
  endpoint_id: string;
  former_until: string;
  secret?: string | null;
}

/** Pushes to an endpoint are signed with a new secret from now on. */
export interface EndpointSecretRotated {
  endpoint_id: string;
}

/**
 * A webhook endpoint. `secret` (`whsec_…`) is shown once, in the first answer to its registration, and not to a
 * repeat of it: whoever lost it takes a new one by `rotate-endpoint-secret`.
 */
export interface EndpointState {
  endpoint_id: string;
  name: string;
  url: string;
  region: string;
  types: string[];
  status: string;
  secret?: string | null;
}

/**
 * One contact asks for seats for one or more people in one session: all of them or none (A6, A8).
 *
 * Who does not fit waits in order of arrival and never blocks a smaller family behind (A12). `household` is the kind
 * that the family says it is, where the session's terms ask (A5, A7); the host may check it by approval. `walk_in`:
 * they stand at the door, from an hour before the start to the end, and get a seat or none (A5).
 */
export interface Enrol {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  household?: string | null;
  walk_in?: boolean;
}

/** The host takes the family; what it got is said next. */
export interface EnrolmentApproved {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
}

/** Seats are held for every person of the enrolment. */
export interface EnrolmentConfirmed {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  seats: number;
  seats_left: number;
}

/** A family takes part in a draw (A13). */
export interface EnrolmentEntered {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  seats: number;
}

/** A family waits; `position` counts from 1. */
export interface EnrolmentQueued {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  seats: number;
  position: number;
}

export interface EnrolmentReconfirmed {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
}

export interface EnrolmentRefused {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  seats: number;
  reason: string;
}

/** A family waits for the host's approval; `again`: it was changed, and holds its seats meanwhile (A9). */
export interface EnrolmentRequested {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  seats: number;
  again?: boolean;
}

/**
 * `position` counts families before this one in the queue from 1; `answer_by` is set while seats are offered or
 * the family is asked whether it comes all the same; `reason` says why it was refused.
 */
export interface EnrolmentState {
  enrolment_id: string;
  session_id: string;
  status: "confirmed" | "waiting" | "offered" | "withdrawn" | "cancelled" | "requested" | "under_review" | "entered" | "refused" | (string & {});
  seats: number;
  position?: number | null;
  answer_by?: string | null;
  version: number;
  reason?: string | null;
}

/**
 * What a host may add to a capacity; a session without terms gives its seats by arrival until it starts.
 *
 * `child_seats`: at most so many of the seats for minors. `reserved`: seats for groups alone. `walk_in_seats`: kept
 * for whoever comes to the door. `areas`: regions whose residents may come. `households`: kinds that may come.
 * `need_order`: kinds by falling need, for `need_first`. `withdraw_before_minutes`: a withdrawal nearer to the start
 * is late: it is taken all the same, and counts as an absence where the standing rule says so.
 */
export interface EnrolmentTerms {
  child_seats?: number | null;
  reserved?: ReservedSeats[];
  walk_in_seats?: number;
  areas?: string[];
  households?: string[];
  opens_at?: string | null;
  closes_at?: string | null;
  approval?: "none" | "host" | (string & {});
  allocation?: "arrival" | "lottery" | "need_first" | (string & {});
  need_order?: string[];
  standing?: StandingRule | null;
  withdraw_before_minutes?: number;
}

/**
 * `late`: nearer to the start than the terms allow. `how` is `withdrawn`, `unconfirmed` (a moved session was not
 * confirmed in time) or `not-drawn` (a draw without a queue).
 */
export interface EnrolmentWithdrawn {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  seats: number;
  late?: boolean;
  how?: string;
}

/**
 * Erases a person for good: her key is destroyed, and nothing that is sealed with it can be read again (PIPL 47).
 *
 * `asked_by` is the person herself, for a minor the guardian, for somebody who died a relative (PIPL 31, 49); it may
 * be left out where the office must act by itself, which is every ground but `consent_withdrawn`. Refused while she
 * holds an office, answers for a minor, or is under a legal hold. Her account is closed.
 */
export interface ErasePerson {
  person_id: string;
  ground: "purpose_ended" | "retention_over" | "consent_withdrawn" | "unlawful" | "other_law" | "deceased";
  asked_by?: string | null;
}

/** `kept` are the records that a law keeps: under the id alone, which means nobody any more (PIPL 47). */
export interface ErasureState {
  person_id: string;
  at: string;
  kept: string[];
}

/**
 * Explains to anyone why whom: every placing, skip, offer and end in order (A12).
 *
 * With `enrolment_id` only what concerns that family: its own steps, and the offers that passed it.
 */
export interface ExplainQueue {
  session_id: string;
  enrolment_id?: string | null;
}

/**
 * Everything that any service holds about a person, as one document for her or her guardian (PIPL 45).
 *
 * Leaves a row in the audit log. A minor's is never one person's doing alone: either her guardian's request for it
 * (`access` or `copy`) is open and somebody else wrote it down, or her record is open to whoever hands it out.
 */
export interface ExportPerson {
  person_id: string;
}

/** Other people come than before; `status` did not change by it. */
export interface FamilyChanged {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  people: string[];
  seats: number;
  status: "confirmed" | "waiting" | "offered" | "withdrawn" | "cancelled" | "requested" | "under_review" | "entered" | "refused" | (string & {});
}

export interface FeedEntry {
  session_id: string;
  title: string;
  place: string;
  starts_at: string;
  ends_at: string;
  cancelled: boolean;
  sequence: number;
  changed_at: string;
}

/** Somebody answered the survey of a session; not who, nor what. */
export interface FeedbackReceived {
  feedback_id: string;
  session_id: string;
}

export interface FeedbackResults {
  session_id: string;
  answered: number;
  attended: number;
  smallest: number;
  results: QuestionResult[];
}

/**
 * 场次, 人次 and 人数 of identified people; beside them, never added, what was declared without names (A23).
 *
 * `sessions_held` had somebody identified, `sessions_declared` declared heads alone. `person_times`, `persons` and
 * `phrase` are None where they are withheld, because they tell of too few people (A53).
 */
export interface Figures {
  sessions_held: number;
  person_times: number | null;
  persons: number | null;
  sessions_declared: number;
  declared_heads: number;
  phrase: string | null;
}

/**
 * A person, for a minor the guardian, for the `deceased` a relative, asked something about her data.
 *
 * It is answered within 15 working days of `received_on` (today, where left out; a letter may be 30 days old).
 * Corrections, restrictions and erasures that are done answer their request by themselves.
 */
export interface FilePersonRequest {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction";
  asked_by: string;
  received_on?: string | null;
  deceased?: boolean;
}

/** Which division does a written place mean (长氹村)? Never guesses: offers up to five candidates (R26, R27). */
export interface FindDivision {
  written: string;
  within: string;
}

/** `households` is missing where it would tell of too few. */
export interface FindingCount {
  finding: string;
  households: number | null;
}

export interface FollowUpClosed {
  follow_up_id: string;
  visit_id: string;
  status: "open" | "overdue" | "done" | "dropped" | (string & {});
  result: string;
}

export interface FollowUpList {
  follow_ups: FollowUpState[];
}

export interface FollowUpOpened {
  follow_up_id: string;
  visit_id: string;
  measure: string;
  assignee_id: string;
  due_on: string;
}

/** Its last day is over and nobody said what became of it. */
export interface FollowUpOverdue {
  follow_up_id: string;
  visit_id: string;
  unit_id: string;
  measure: string;
  assignee_id: string;
  due_on: string;
}

/** What is to be done (a code: `apply-for-aid`, `visit-again`), by whom, and its last day. */
export interface FollowUpPlan {
  follow_up_id: string;
  measure: string;
  assignee_id: string;
  due_on: string;
}

export interface FollowUpState {
  follow_up_id: string;
  visit_id: string;
  measure: string;
  assignee_id: string;
  due_on: string;
  status: "open" | "overdue" | "done" | "dropped" | (string & {});
  result: string | null;
  version: number;
}

/** `reason` is missing where the session may open. `substitutes` are cleared volunteers who are free then. */
export interface GateState {
  session_id: string;
  reason: "too_few_adults" | "clearance_missing" | (string & {}) | null;
  children: number;
  adults_needed: number;
  adults_cleared: number;
  on_duty: DutyEntry[];
  substitutes: string[];
}

/** A certificate of attendance by the id under which it was asked for; there a moment after it was. */
export interface GetAttendanceCertificate {
  attendance_certificate_id: string;
}

/** Names and addresses of persons for one purpose, asked at the moment of sending; unknown ids are left out. */
export interface GetContacts {
  people: string[];
  purpose: string;
}

/** A frozen number with its rule, closing date and adjustments, oldest first (at most 500). */
export interface GetCount {
  count_id: string;
}

/** A pass with every visit that was taken from it, given back or not, oldest first. */
export interface GetCoursePass {
  pass_id: string;
}

/** One division by its 12-digit code; old codes resolve for ever (R30). */
export interface GetDivision {
  code: string;
}

/**
 * Who is expected, who is in, who is missing, who left. With `known`, the version a screen shows already, an
 * answer that would say the same says no more than `unchanged`: made to be polled.
 */
export interface GetDoor {
  session_id: string;
  known?: string | null;
}

/** A draw with everything needed to recompute it, the ranks included. */
export interface GetDraw {
  session_id: string;
}

/**
 * What a stranger needs to recompute a draw: of a lottery everything, by need first no family's rank, and so
 * neither the order nor who got what; the host's `get-draw` shows them.
 */
export interface GetDrawRecord {
  session_id: string;
}

/** How an enrolment stands now, its place in the queue included (A10). */
export interface GetEnrolment {
  enrolment_id: string;
}

/** The results of a session's survey, told of no fewer people than the count rule allows (A53). */
export interface GetFeedback {
  session_id: string;
}

/** Whether a session of care may open as things stand now, who is on duty, and who could step in. */
export interface GetGate {
  session_id: string;
}

/** The ledger of a volunteer with its total and the share of each grade (Order 67 art. 12). */
export interface GetHours {
  volunteer_id: string;
}

/** The newest messages of a person, newest first, at most `limit`, older than `before`. */
export interface GetInbox {
  person_id: string;
  before?: string | null;
  limit?: number;
}

/** Where an online or mixed session is joined: for whoever enrols people, to be given to those with a seat (A32). */
export interface GetJoinLink {
  session_id: string;
}

/** What a session is a lecture about, by whom, with which material. */
export interface GetLecture {
  session_id: string;
}

/** What each person of a confirmed enrolment shows at the door (A17). */
export interface GetPasses {
  enrolment_id: string;
}

/**
 * A person's record. Each reading is a row of the audit log, in the transaction that reads.
 *
 * A minor's record opens to whoever holds an unexpired approval by somebody else, or broke the glass.
 */
export interface GetPerson {
  person_id: string;
}

/** An upload as it was read, or as it was applied. */
export interface GetPlan {
  upload_id: string;
}

/** The notice in force for a purpose in a region. */
export interface GetPrivacyNotice {
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site";
  region: string;
}

/** One series as anybody may see it, while a session of it lies open or was called off. */
export interface GetPublicSeries {
  series_id: string;
}

/** One session with the names that its public page shows. */
export interface GetPublicSession {
  session_id: string;
}

/** Who is expected, waiting and present, by ids; names come from registry to those who may see them. */
export interface GetRoster {
  session_id: string;
}

/**
 * A key for each person, derived from her own for the service that asks and one purpose; unknown ids are left out.
 *
 * The same key each time, until the person is erased: then nobody gets it any more, and what is sealed stays sealed.
 */
export interface GetSealingKeys {
  people: string[];
  purpose: string;
}

/** A series with its rule and its public sessions, by start. */
export interface GetSeries {
  series_id: string;
}

/** One session as the public may see it. */
export interface GetSession {
  session_id: string;
}

/** The monthly 信息稿 without retyping: every number in the draft is a fact of the session. */
export interface GetSessionReport {
  session_id: string;
}

/** How a contact stands with each host of the asker's region; one without absences is in no list. */
export interface GetStanding {
  person_id: string;
}

/**
 * Counted sessions of a region's subtree in a period, parted by one thing, each session once whoever reports it.
 *
 * At most one of the topics narrows it. By region the next lower level is taken unless `level` names another; what
 * a unit above that level held itself stands under its own code. By site and by audience 场次 overlap; by audience
 * 人次 and 人数 add up.
 */
export interface GetStatistics {
  region: string;
  period: string;
  programme_id?: string | null;
  project_id?: string | null;
  site_id?: string | null;
  by?: "month" | "region" | "programme" | "project" | "site" | "audience";
  level?: "province" | "city" | "district" | "street" | "community" | null;
  audience?: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | null;
}

/** On which terms families enrol, and how each quota stands (A5, A7); before a draw also its commitment (A13). */
export interface GetTerms {
  session_id: string;
}

/** Days off and make-up days of a year, and the school terms that hold for a region. */
export interface GetYear {
  year: number;
  region: string;
}

/**
 * The satisfaction survey of one person who came, once, after the session was counted.
 *
 * Kept apart: that she answered, and how often each score was given.
 */
export interface GiveFeedback {
  feedback_id: string;
  session_id: string;
  person_id: string;
  marks: Mark[];
}

/**
 * The guardian says what those in charge of a child under 14 at a site must know (A28; PIPL 28, 31).
 *
 * Kept until `until`, at most a year ahead, then erased; a newer note of the same child and site replaces it.
 */
export interface GiveHealthNote {
  note_id: string;
  child_id: string;
  site_id: string;
  given_by: string;
  text: string;
  until: string;
}

/** A record was opened without approval beforehand, until `expires_at`; it has to be reviewed by `review_by`. */
export interface GlassBroken {
  record_access_id: string;
  person_id: string;
  requester_id: string;
  expires_at: string;
  review_by: string;
}

export interface Guardian {
  person_id: string;
  name: string;
  email: string | null;
}

/**
 * Gives a child into the hands of the guardian or somebody she authorised, against a signature (A27).
 *
 * `signature` refers to what was signed. Who was authorised less than 24 hours ago, or fetches this child for the
 * first time, is looked at by a second person on duty, `checked_by`.
 */
export interface HandOver {
  hand_over_id: string;
  session_id: string;
  child_id: string;
  received_by: string;
  signature: string;
  occurred_at: string;
  checked_by?: string | null;
}

export interface HandOverState {
  hand_over_id: string;
  session_id: string;
  child_id: string;
  received_by: string;
  checked_by: string | null;
  occurred_at: string;
  version: number;
}

/** `declared_by` is missing where a system declared it. */
export interface HeadcountDeclared {
  headcount_id: string;
  session_id: string;
  heads: number;
  method: "counted" | "estimated" | "photo" | "turnstile" | (string & {});
  declared_by?: string | null;
  evidence?: string | null;
}

export interface HeadcountState {
  headcount_id: string;
  session_id: string;
  heads: number;
  method: "counted" | "estimated" | "photo" | "turnstile" | (string & {});
  version: number;
}

export interface HealthNote {
  child_id: string;
  text: string;
}

/** Without what the note says. */
export interface HealthNoteState {
  note_id: string;
  child_id: string;
  site_id: string;
  until: string;
  version: number;
}

export interface HealthNotes {
  session_id: string;
  notes: HealthNote[];
}

/** Enrolments, attendance and scans of a person, asked by registry for the copy that she is handed. */
export interface HeldByActivities {
  person_id: string;
}

/** Notices to a person with the texts of her inbox, asked by registry for the copy that she is handed (PIPL 45). */
export interface HeldByNotify {
  person_id: string;
}

/** Memberships, shifts, stints, hours and certificates of a person, asked by registry for her copy. */
export interface HeldByVolunteers {
  person_id: string;
}

/** One field of a record, as text. */
export interface HeldFact {
  name: string;
  value: string;
}

/** One record; `kind` says what it is, and so under which rule it is kept. */
export interface HeldRecord {
  kind: string;
  record_id: string;
  at: string | null;
  facts: HeldFact[];
}

/** All records of one service; `cut` when there are more than one answer carries: the newest are there. */
export interface Holdings {
  service: string;
  records: HeldRecord[];
  cut?: boolean;
}

/** A year by the State Council's notice: every day off that a holiday makes, and weekend days that are worked. */
export interface HolidayYear {
  year: number;
  days_off: DayOff[];
  worked: string[];
  source: string;
}

export interface HolidaysAnnounced {
  holiday_year_id: string;
  year: number;
  days_off: string[];
  worked: string[];
  source: string;
}

export interface HoursByGrade {
  grade: "device_verified" | "witnessed" | "back_filled" | "imported" | (string & {});
  minutes: number;
}

export interface HoursCredited {
  hours_id: string;
  volunteer_id: string;
  person_id: string;
  stint_id: string;
  service_date: string;
  minutes: number;
  grade: "device_verified" | "witnessed" | "back_filled" | "imported" | (string & {});
  rule: string;
}

export interface HoursReversed {
  hours_id: string;
  volunteer_id: string;
  person_id: string;
  reverses: string;
  minutes: number;
}

/**
 * Adds or changes administrative divisions, parents before children; the same rows again change nothing (R30).
 *
 * `rows` is text, one division a line, its four fields parted by TAB: code, name, level, code of the parent (empty
 * for a province). A whole country, 664,000 of them, is so read in seconds. A parent is named by code, never guessed
 * from the digits (standards decision 12). A bad row is reported by its line and never spoils the others.
 */
export interface ImportDivisions {
  source: string;
  valid_from: string;
  rows: string;
}

/**
 * Opens sites from a list whose places are written by hand: neither guesses nor drops (R26, R27).
 *
 * A place that is one division's name opens the site; every other row waits as `undecided` with candidates
 * until DecidePlace. All sites get one room of `capacity` seats and the same `hours`.
 */
export interface ImportSites {
  within: string;
  capacity: number;
  hours: OpeningHours[];
  rows: SiteRow[];
}

export interface ImportSummary {
  added: number;
  changed: number;
  unchanged: number;
  refused: RefusedRow[];
}

export interface Inbox {
  entries: InboxEntry[];
  unseen: number;
}

/** A message of a person's inbox; `text` was rendered for this person. */
export interface InboxEntry {
  notice_id: string;
  template: string;
  subject: string;
  text: string;
  at: string;
  seen: boolean;
}

/** Issues a certificate of the credited minutes with service dates in [since, until], free of charge (V20). */
export interface IssueCertificate {
  certificate_id: string;
  volunteer_id: string;
  since: string;
  until: string;
}

/**
 * A site sells or gives somebody so many visits until a last day, at most two years ahead.
 *
 * What is sold needs the number of its receipt. A children's home (儿童之家) is free of charge: it sells none.
 */
export interface IssueCoursePass {
  pass_id: string;
  person_id: string;
  site_id: string;
  course_id: string;
  kind: "programme" | "series";
  visits?: number;
  valid_until: string;
  price_cents?: number;
  receipt?: string | null;
}

export interface JoinLink {
  session_id: string;
  join_link: string | null;
}

export interface LectureSet {
  lecture_id: string;
  session_id: string;
  unit_id: string;
  topic: string;
  speaker_id?: string | null;
  speaker_unit_id?: string | null;
  materials: number;
}

/** `speaker_id` is somebody registered, `speaker_unit_id` the house that sends a speaker; names are asked there. */
export interface LectureState {
  session_id: string;
  topic: string;
  speaker_id: string | null;
  speaker_unit_id: string | null;
  materials: Material[];
  version: number;
}

/** One line of the append-only hours ledger; negative minutes reverse an earlier line. */
export interface LedgerEntry {
  entry_id: string;
  volunteer_id: string;
  stint_id: string;
  service_date: string;
  minutes: number;
  grade: "device_verified" | "witnessed" | "back_filled" | "imported" | (string & {});
  rule: string;
  reverses?: string | null;
}

/** The ground of a restriction has gone: she takes part again. */
export interface LiftRestriction {
  person_id: string;
}

/**
 * Lets the holder of an account log in by an OpenID provider, who knows her as `subject`.
 *
 * Only whoever acts where she lives and where all her offices are does that.
 */
export interface LinkIdentity {
  account_id: string;
  issuer: string;
  subject: string;
}

/**
 * What activities wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).
 *
 * A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
 * written down too.
 */
export interface ListActivitiesAccesses {
  person_id: string;
  before?: number | null;
}

/** How the sites of a region kept 周周有活动 (`weekly-1`) and 月月有创新 (`monthly-1`), newest first (A35). */
export interface ListCadence {
  region: string;
  since: string;
  until: string;
  rule?: string | null;
  outcome?: string | null;
  limit?: number;
}

/** Sessions of a region's subtree in a month of Shanghai's clocks, by start; cancelled ones are shown as such. */
export interface ListCalendar {
  region: string;
  month: string;
  after?: string | null;
  limit?: number;
}

/** Closing days of a site that end on or after `since`; at most 200. */
export interface ListClosings {
  site_id: string;
  since: string;
}

/** Whom to ask again in a region's subtree: consents that end within 30 days, by person, after `after`. */
export interface ListConsentsToRenew {
  region: string;
  after?: string | null;
  limit?: number;
}

/** The attendances that a frozen number counts, exactly those, whatever was corrected since; by session and id. */
export interface ListCountFacts {
  count_id: string;
  after?: string | null;
  limit?: number;
}

/** The sessions behind 场次, 人次 and declared heads of `get-statistics` as they are now, by id. */
export interface ListCountedSessions {
  region: string;
  period: string;
  programme_id?: string | null;
  project_id?: string | null;
  site_id?: string | null;
  after?: string | null;
  limit?: number;
}

/** The frozen numbers of one region and period: the total, or one of each `kind`. */
export interface ListCounts {
  region: string;
  period: string;
  kind?: "all" | "programme" | "project" | "site" | "audience";
}

/** The passes that somebody has at the sites of the asker's region, the last to expire first; at most 100. */
export interface ListCoursePasses {
  person_id: string;
}

/** Drafted sessions of a region's subtree that start in [since, until), by start; at most `limit`, after `after`. */
export interface ListDrafts {
  region: string;
  since: string;
  until: string;
  after?: string | null;
  limit?: number;
}

/** The webhook endpoints of a region's subtree. */
export interface ListEndpoints {
  region: string;
}

/** What is still to be done in a region's subtree, the most urgent first; at most `limit`, after `after`. */
export interface ListFollowUps {
  region: string;
  assignee_id?: string | null;
  due_until?: string | null;
  after?: string | null;
  limit?: number;
}

/**
 * What notify wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).
 *
 * A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
 * written down too.
 */
export interface ListNotifyAccesses {
  person_id: string;
  before?: number | null;
}

/** Who held which post at a unit on a day (R5); a post nobody holds is not in the list. */
export interface ListOfficers {
  unit_id: string;
  on: string;
}

/** Requests of a region's subtree, the most urgent first; `waiting` ones alone, unless said otherwise. */
export interface ListPersonRequests {
  region: string;
  waiting?: boolean;
  limit?: number;
}

/** Who may fetch a child of a session: the guardian, and whom she authorised at its site for that day. */
export interface ListPickUps {
  session_id: string;
  child_id: string;
}

/**
 * The programmes a region may plan with: its own, those of its subtree and of the regions above it, by id.
 *
 * `year` also finds programmes of no year; at most `limit`, after the programme `after`.
 */
export interface ListProgrammes {
  region: string;
  parent_id?: string | null;
  kind?: "frame" | "brand" | "theme" | null;
  year?: number | null;
  after?: string | null;
  limit?: number;
}

/**
 * Requests and openings of a region's subtree, newest first, before `before`; `waiting` ones alone: those that
 * nobody has decided, or reviewed, yet.
 */
export interface ListRecordAccesses {
  region: string;
  waiting?: boolean;
  before?: string | null;
  limit?: number;
}

/**
 * What registry wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).
 *
 * A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
 * written down too.
 */
export interface ListRegistryAccesses {
  person_id: string;
  before?: number | null;
}

/**
 * Series in the order of the last change of any of their sessions: the RPDE feed of SessionSeries (OpenActive).
 *
 * It pages as `list-session-changes` does. A series all of whose sessions are over is `deleted`.
 */
export interface ListSeriesChanges {
  after_modified?: number;
  after_id?: string;
  limit?: number;
}

/**
 * Sessions in the order of their last change, after one of them: the source of the RPDE feed (OpenActive).
 *
 * Whoever pages on from the last item misses nothing, however transactions commit. Cancelled sessions stay; over and
 * unpublished ones are `deleted`.
 */
export interface ListSessionChanges {
  after_modified?: number;
  after_id?: string;
  limit?: number;
}

/** Sessions of a region's subtree that start in [since, until), by start; at most `limit`, after `after`. */
export interface ListSessions {
  region: string;
  since: string;
  until: string;
  site_id?: string | null;
  after?: string | null;
  limit?: number;
}

/** The open sites of a region's subtree; at most `limit`, after the site `after`. */
export interface ListSites {
  region: string;
  site_type?: "womens_home" | "womens_micro_home" | "executive_studio" | "family_mediation_room" | "childrens_home" | "parent_school" | "volunteer_station" | null;
  after?: string | null;
  limit?: number;
}

/** The attendances behind a number of `get-statistics` as it is now, by session and id. */
export interface ListStatisticsFacts {
  region: string;
  period: string;
  programme_id?: string | null;
  project_id?: string | null;
  site_id?: string | null;
  audience?: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | null;
  after?: string | null;
  limit?: number;
}

/** Closed stints of a region's subtree that wait for approval, oldest first, at most 200. */
export interface ListStintsToApprove {
  region: string;
}

/**
 * Templates that units of a region's subtree, or of a level above it, saved, by id; at most `limit`, after the
 * template `after`. By its id any other can be planned by as well.
 */
export interface ListTemplates {
  region: string;
  after?: string | null;
  limit?: number;
}

/**
 * Who was told of a session, and who has read it (A15): at most `limit`, after the notice `after`.
 *
 * `template` narrows to one kind, such as `session-cancelled`.
 */
export interface ListTold {
  session_id: string;
  template?: string | null;
  after?: string | null;
  limit?: number;
}

/** The organisations of a region's subtree, by code and name; at most `limit`, after the unit `after`. */
export interface ListUnits {
  region: string;
  after?: string | null;
  limit?: number;
}

/** The visits of a region's subtree in [since, until), by time; at most `limit`, after the visit `after`. */
export interface ListVisits {
  region: string;
  since: string;
  until: string;
  contact_id?: string | null;
  after?: string | null;
  limit?: number;
}

/** What withdrawing the consent to volunteering has ended, and what it would end now, in the asker's subtree. */
export interface ListVolunteeringEffects {
  person_id: string;
}

/**
 * What volunteers wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).
 *
 * A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
 * written down too.
 */
export interface ListVolunteersAccesses {
  person_id: string;
  before?: number | null;
}

/** What withdrawing the consent of a person has ended, and what it would end now, in the asker's subtree. */
export interface ListWithdrawalEffects {
  person_id: string;
}

/**
 * Begins a login of at most 12 hours, at the office at `unit_id` or the first one.
 *
 * From the fifth wrong password on each attempt must wait, 30 seconds doubling up to an hour (OWASP ASVS 2.2.1).
 */
export interface LogIn {
  login: string;
  password: string;
  token_hash: string;
  unit_id?: string | null;
}

/** What the gateway asks once the provider has told it who came. */
export interface LogInExternally {
  issuer: string;
  subject: string;
  token_hash: string;
  unit_id?: string | null;
}

/** Ends a login; whoever knows the token may. One that ended before is fine. */
export interface LogOut {
  token_hash: string;
}

/** Who is logged in until `expires_at` at the latest, where she acts now, and where else she could. */
export interface Login {
  account_id: string;
  person_id: string;
  office: Office;
  offices: Office[];
  expires_at: string;
}

/** One answer: 1 is very dissatisfied, 5 very satisfied. */
export interface Mark {
  question: "overall" | "content" | "teacher" | "place" | "service" | (string & {});
  score: number;
}

/** Somebody with a seat told that she cannot come (A26); `excused` false takes that back. Why is not asked. */
export interface MarkExcused {
  session_id: string;
  person_id: string;
  excused?: boolean;
}

/** The person has read an inbox entry. */
export interface MarkSeen {
  person_id: string;
  notice_id: string;
}

/** A hand-out by its reference where it is kept. */
export interface Material {
  title: string;
  reference: string;
}

export interface Me {
  account_id: string;
  person_id: string;
  login: string;
  offices: Office[];
}

export interface MinutesTotal {
  minutes: number;
  volunteers: number;
  by_grade: HoursByGrade[];
}

/** `more` is True where `limit` cut the month: ask again after the last entry. */
export interface MonthCalendar {
  month: string;
  entries: CalendarEntry[];
  more: boolean;
}

/**
 * Gives a session another time, room or site of the same division; whoever has seats is asked again (A16).
 *
 * Seats that were drawn are kept: nobody draws anew, whoever does not come makes room for the next of the same draw.
 * The end of a window after which seats are drawn is kept too: no session goes to a time before it. Any other window
 * that would end after the new start moves along.
 *
 * A permitted session (1,000 and more) needs the number of the permit for the new time or place: none may be changed
 * without approval (大型群众性活动安全管理条例).
 */
export interface MoveSession {
  session_id: string;
  starts_at: string;
  ends_at: string;
  site_id?: string | null;
  room_id?: string | null;
  permit_number?: string | null;
  reason?: string | null;
}

/** A session that goes to another day, or another hour of its own; `problem` is the code that would refuse it. */
export interface MovedDay {
  session_id: string;
  from_day: string;
  starts_at: string;
  ends_at: string;
  problem?: string | null;
}

/** A pending notice died with its reason (N7). */
export interface NoticeCancelled {
  notice_id: string;
  channel: "inbox" | "email" | "webhook" | (string & {});
  template: string;
  cause_id: string;
}

export interface NoticeCounts {
  counts: StatusCount[];
}

/** A notice could not be delivered after all attempts; `reason` is a code. */
export interface NoticeFailed {
  notice_id: string;
  channel: "inbox" | "email" | "webhook" | (string & {});
  template: string;
  cause_id: string;
  reason: string;
}

export interface NoticeSent {
  notice_id: string;
  channel: "inbox" | "email" | "webhook" | (string & {});
  template: string;
  cause_id: string;
}

/** Records of notify whose time was over are deleted; the audit log has a row of it. */
export interface NotifyRecordsPurged {
  record_id: string;
  record_class: string;
  gone: number;
  held: number;
  days: number;
  source: string;
}

/** An offer was declined or lapsed; `how` is `declined` or `lapsed`. The family leaves the queue. */
export interface OfferEnded {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  how: string;
}

/** What a person may do at a unit today, by her posts there and by those she stands in for (`acting`). */
export interface Office {
  unit_id: string;
  region: string;
  functions: ("reader" | "editor" | "approver" | "auditor" | "operator" | (string & {}))[];
  acting: boolean;
}

export interface Officers {
  appointments: AppointmentState[];
}

/** Good until `renew_at` and one such time longer, so that nobody is cut off while typing. */
export interface OnSiteCode {
  session_id: string;
  on_site_code: string;
  renew_at: string;
}

/** Opens a neighbourhood centre (邻里中心), the building that hosts sites. */
export interface OpenCentre {
  centre_id: string;
  name: string;
  unit_id: string;
  region: string;
}

/** Publishes a need for helpers, with its foreseeable risks (条例 12); maybe for a session of activities (V6). */
export interface OpenShift {
  shift_id: string;
  team_id: string;
  title: string;
  session_id?: string | null;
  starts_at: string;
  ends_at: string;
  needed: number;
  risk_notice: string;
}

/** Opens a site (阵地) of a unit, with its rooms and opening hours (R2, R3). */
export interface OpenSite {
  site_id: string;
  name: string;
  site_type: "womens_home" | "womens_micro_home" | "executive_studio" | "family_mediation_room" | "childrens_home" | "parent_school" | "volunteer_station";
  unit_id: string;
  centre_id?: string | null;
  region: string;
  rooms: RoomPlan[];
  hours: OpeningHours[];
}

/** One weekly opening: ISO weekday 1 (Monday) to 7, local times of Asia/Shanghai. */
export interface OpeningHours {
  weekday: number;
  opens: string;
  closes: string;
}

/** `qr` is the signed text of the QR code, `pass_code` its readable fallback; both are good for one session. */
export interface Pass {
  person_id: string;
  qr: string;
  pass_code: string;
}

export interface PassEnded {
  pass_id: string;
  person_id: string;
  used: number;
  visits: number;
  reason: string;
}

export interface PassIssued {
  pass_id: string;
  person_id: string;
  site_id: string;
  course_id: string;
  kind: "programme" | "series" | (string & {});
  visits: number;
  valid_until: string;
}

/** A visit was given back: its check-in was taken back, or the session was called off. */
export interface PassReturned {
  pass_id: string;
  person_id: string;
  session_id: string;
  attendance_id: string;
  used: number;
  visits: number;
}

/** `pass_rule_id` is the id of the programme or series. */
export interface PassRuleSet {
  pass_rule_id: string;
  kind: "programme" | "series" | (string & {});
  by_pass: boolean;
}

export interface PassRuleState {
  course_id: string;
  kind: "programme" | "series" | (string & {});
  by_pass: boolean;
  version: number;
}

export interface PassUse {
  session_id: string;
  attendance_id: string;
  used_at: string;
  returned_at: string | null;
}

/** A check-in took a visit: one a session, however often its holder comes and goes. */
export interface PassUsed {
  pass_id: string;
  person_id: string;
  session_id: string;
  attendance_id: string;
  used: number;
  visits: number;
}

export interface Passes {
  enrolment_id: string;
  session_id: string;
  passes: Pass[];
}

export interface PendingStints {
  stints: StintState[];
}

export interface PeriodClosed {
  period_id: string;
  period: string;
  rule: string;
  sessions_held: number;
  sessions_declared: number;
}

export interface PeriodState {
  period_id: string;
  region: string;
  period: string;
  rule: string;
  closed_at: string;
  total: CertifiedCount;
}

export interface PersonAppointed {
  appointment_id: string;
  person_id: string;
  unit_id: string;
  post: "chair" | "vice_chair" | "executive_member" | "site_keeper" | "officer" | "auditor" | "operator" | (string & {});
  since: string;
}

/** `missing` are services that did not answer: ask again. `at` is the moment of the copy. */
export interface PersonCopy {
  person_id: string;
  at: string;
  holdings: Holdings[];
  missing?: string[];
}

/** What is kept of a person was corrected; whoever needs a name asks for it anew. */
export interface PersonCorrected {
  person_id: string;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {});
  guardian_id?: string | null;
}

/** A person is erased: whatever is held of her goes, or stays under the id alone where a law keeps it. */
export interface PersonErased {
  person_id: string;
}

/** What registry holds of a person. `record_access_id` is the approval by which a minor's record was opened. */
export interface PersonRecord {
  person_id: string;
  name: string;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {});
  region: string;
  email: string | null;
  language: string;
  guardians: Guardian[];
  consents: ConsentEntry[];
  record_access_id: string | null;
}

/** A person exists; others know her by this id alone. */
export interface PersonRegistered {
  person_id: string;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {});
  guardian_id?: string | null;
}

export interface PersonRequestAnswered {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  status: "open" | "fulfilled" | "declined" | (string & {});
  reason?: string | null;
}

/** Three days before its last day a request still waits for its answer. */
export interface PersonRequestDueSoon {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  due_on: string;
}

/** One request, for whoever answers it or looks at it later. */
export interface PersonRequestEntry {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  asked_by: string;
  status: "open" | "fulfilled" | "declined" | (string & {});
  received_on: string;
  due_on: string;
  counted: string;
  overdue: boolean;
  answered_at: string | null;
  reason: string | null;
}

export interface PersonRequestFiled {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  due_on: string;
}

/** The last day is over, and nobody has answered. */
export interface PersonRequestOverdue {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  due_on: string;
}

/**
 * `due_on` is the last day to answer. `counted` says how it was found: 15 `working-days`, or, where the State
 * Council has not told a year's days off yet, 15 `calendar-days`, which are never later.
 */
export interface PersonRequestState {
  person_request_id: string;
  person_id: string;
  kind: "access" | "copy" | "correction" | "erasure" | "restriction" | (string & {});
  status: "open" | "fulfilled" | "declined" | (string & {});
  received_on: string;
  due_on: string;
  counted: string;
  version: number;
}

export interface PersonRequests {
  requests: PersonRequestEntry[];
}

export interface PersonRestricted {
  person_id: string;
  ground: "objection" | "accuracy_disputed" | "retention_required" | "legal_hold" | (string & {});
}

/** `restricted`: her data are kept and nothing else is done with them (PIPL 44, 47). */
export interface PersonState {
  person_id: string;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {});
  version: number;
  restricted?: boolean;
}

/** A photo by its reference where it is kept; the mark says whom it may be shown to (A29). */
export interface Photo {
  reference: string;
  mark: "consented" | "no_face" | "internal" | (string & {});
}

export interface PickUpAuthorised {
  pick_up_id: string;
  child_id: string;
  person_id: string;
  site_id: string;
}

export interface PickUpEnded {
  pick_up_id: string;
  child_id: string;
  person_id: string;
  site_id: string;
}

/** `until` is the last day. */
export interface PickUpState {
  pick_up_id: string;
  child_id: string;
  person_id: string;
  site_id: string;
  until: string | null;
  ended: boolean;
  version: number;
}

export interface PickUps {
  child_id: string;
  guardian_id: string | null;
  pick_ups: PickUpState[];
}

/** A division that a written place may mean. `likeness` is 0 to 1; 1 alone counts as the same name. */
export interface PlaceMatch {
  code: string;
  full_name: string;
  likeness: number;
}

/** `exact` is set when exactly one division of that name exists; otherwise a person must choose. */
export interface PlaceMatches {
  exact: string | null;
  candidates: PlaceMatch[];
}

/** A row of a site list waits for a person's decision; `candidates` counts the divisions offered. */
export interface PlaceUndecided {
  site_draft_id: string;
  candidates: number;
}

/** Plans a session by a template at a site of the own unit; what is given here goes before the template. */
export interface PlanFromTemplate {
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online";
  join_link?: string | null;
  set_up?: number;
  clear_up?: number;
  expected_heads?: number | null;
  project_id?: string | null;
  draft?: boolean;
  template_id: string;
  session_id: string;
  site_id: string;
  room_id: string;
  starts_at: string;
  title?: string | null;
  programme_id?: string | null;
  capacity?: number | null;
  permit_number?: string | null;
}

/** `drafted` until it is applied, then `applied`, `undone` when that was taken back. */
export interface PlanReview {
  upload_id: string;
  plan_id: string;
  status: string;
  new: number;
  changed: number;
  unchanged: number;
  refused: number;
  gone: number;
  rows: PlanRow[];
}

/**
 * What a row of the sheet would do: `new`, `changed`, `unchanged`, or `refused` with a reason and two sentences.
 *
 * `gone` is a session of an earlier upload of this plan that the sheet no longer names: it stays until somebody calls
 * it off. `row` is the number the sheet shows, 0 where it names none.
 */
export interface PlanRow {
  row: number;
  outcome: string;
  session_id?: string | null;
  title?: string | null;
  day?: string | null;
  fields?: string[];
  reason?: string | null;
  zh?: string | null;
  en?: string | null;
}

/** A day the series is held on; `problem` is the reason code that would refuse it now. */
export interface PlannedDay {
  session_id: string;
  starts_at: string;
  ends_at: string;
  problem?: string | null;
}

export interface PresenceState {
  session_id: string;
  person_id: string;
  presence: "expected" | "present" | "late" | "left" | "absent" | "excused" | (string & {});
}

/** Shows the days of a series as ScheduleSeries would take them now, and plans nothing. */
export interface PreviewSeries {
  series: ScheduleSeries;
}

/** Shows what ChangeSeriesRule would do now, with the families it would touch, and changes nothing. */
export interface PreviewSeriesRule {
  change: ChangeSeriesRule;
}

/** What people of a region are told about one purpose; `text` names controller, kinds, method and rights. */
export interface PrivacyNotice {
  privacy_notice_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  notice_version: string;
  region: string;
  title: string;
  text: string;
  retention_months: number;
  published_at: string;
  renew_until: string;
}

export interface PrivacyNoticePublished {
  privacy_notice_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site" | (string & {});
  notice_version: string;
  renew_until: string;
}

/** Which fields of a programme changed; its whole state after that. */
export interface ProgrammeAmended {
  programme_id: string;
  name: string;
  unit_id: string;
  parent_id?: string | null;
  theme?: string | null;
  kind?: "frame" | "brand" | "theme" | (string & {});
  year?: number | null;
  members?: number | null;
  project_id?: string | null;
  fields: string[];
}

export interface ProgrammeCreated {
  programme_id: string;
  name: string;
  unit_id: string;
  parent_id?: string | null;
  theme?: string | null;
  kind?: "frame" | "brand" | "theme" | (string & {});
  year?: number | null;
  members?: number | null;
  project_id?: string | null;
}

export interface ProgrammeList {
  programmes: ProgrammeState[];
}

/** `members` is how many a set says it has (五彩课堂: five), `listed` how many are here: both are shown. */
export interface ProgrammeState {
  programme_id: string;
  name: string;
  parent_id: string | null;
  unit_id: string;
  kind?: "frame" | "brand" | "theme" | (string & {});
  year?: number | null;
  theme?: string | null;
  members?: number | null;
  listed?: number;
  region?: string | null;
  project_id?: string | null;
  version?: number;
}

/**
 * A series by the next of its sessions, whose title, place and times are its own; a single session is a series too.
 *
 * `recurrence` is the rule it was planned by, `first_day` and `last_day` its span; single sessions have none.
 */
export interface PublicSeries {
  series_id: string;
  session: PublicSession;
  recurrence?: string | null;
  first_day?: string | null;
  last_day?: string | null;
}

/** What anybody may see of a session; `place` is the name of its host's site, also where it is held online. */
export interface PublicSession {
  session_id: string;
  series_id: string | null;
  title: string;
  programme: string;
  place: string;
  site_id: string;
  unit_id: string;
  region: string;
  starts_at: string;
  ends_at: string;
  capacity: number;
  seats_free: number;
  audience: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {}))[];
  status: "drafted" | "published" | "blocked" | "closed" | "cancelled" | (string & {});
  version: number;
  mode?: "in_person" | "mixed" | "online" | (string & {});
  programme_id?: string | null;
}

/**
 * Puts a notice into force in a region's subtree. The newest one that covers a person's region is hers.
 *
 * Consents of the purpose under another version have to be renewed; those that are not end after `grace_days`
 * (PIPL 14: a change of purpose, method or kinds asks for consent again).
 */
export interface PublishPrivacyNotice {
  privacy_notice_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site";
  notice_version: string;
  region: string;
  title: string;
  text: string;
  retention_months: number;
  grace_days?: number;
}

/** Opens a drafted session to the public; of one that is published already the same is answered. */
export interface PublishSession {
  session_id: string;
}

/**
 * `scores` counts the answers 1 to 5; None, with the average in hundredths, where too few answered.
 *
 * Shown as of every so many answers as the count rule asks people for: between them nothing moves, so that two looks
 * never tell what one person answered in between.
 */
export interface QuestionResult {
  question: "overall" | "content" | "teacher" | "place" | "service" | (string & {});
  answers: number;
  scores: number[] | null;
  average_hundredths: number | null;
}

export interface QueueLog {
  session_id: string;
  steps: QueueStep[];
}

/**
 * Seats were offered past families that came earlier, because these did not fit into them (A12).
 *
 * `queue_id` is the id of the session.
 */
export interface QueueSkipped {
  queue_id: string;
  session_id: string;
  skipped: SkippedFamily[];
  offered: string[];
}

/**
 * One line of the fairness log: what happened to which family, why, with how many seats free at that time.
 *
 * `short_of`: of which quota there were too few; `zh` and `en` say the same as a sentence.
 */
export interface QueueStep {
  at: string;
  enrolment_id: string;
  step: string;
  seats_wanted: number;
  seats_free: number;
  short_of?: string | null;
  zh?: string;
  en?: string;
}

/** `quota` is `open`, `child`, `walk-in` or `group-<kind>`. */
export interface QuotaState {
  quota: string;
  seats: number;
  taken: number;
}

/** What the gateway asks of a calendar's token. */
export interface ReadFeed {
  token_hash: string;
}

/**
 * The notes of the children of a session, on its day, to those on duty there and the keepers of its site.
 *
 * Each reading leaves a line in the audit log.
 */
export interface ReadHealthNotes {
  session_id: string;
}

/**
 * What was written of a household, to who was there, wrote it down, or has a follow-up of it; leaves a row in the
 * audit log.
 */
export interface ReadVisitNote {
  visit_id: string;
}

/** The family comes although the session was moved (A16); to stay away it withdraws. */
export interface ReconfirmEnrolment {
  enrolment_id: string;
}

/** The session was moved: the family says until `answer_by` that it comes all the same, or loses its seats (A16). */
export interface ReconfirmRequested {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  seats: number;
  answer_by: string;
  tell_at: string;
}

export interface RecordAccessApproved {
  record_access_id: string;
  expires_at: string;
}

/** One case, for whoever decides on it or looks at it later. */
export interface RecordAccessEntry {
  record_access_id: string;
  person_id: string;
  requester_id: string;
  reason: "guardian_request" | "correction" | "care" | "safeguarding" | "emergency" | (string & {});
  reason_text: string;
  minutes: number;
  status: "requested" | "approved" | "refused" | "opened" | (string & {});
  asked_at: string;
  decided_by: string | null;
  expires_at: string | null;
  review_by: string | null;
  reviewed_by: string | null;
  justified: boolean | null;
}

export interface RecordAccessRefused {
  record_access_id: string;
}

export interface RecordAccessRequested {
  record_access_id: string;
  person_id: string;
  requester_id: string;
}

/** Nobody has reviewed an opening by break-glass in time. */
export interface RecordAccessReviewDue {
  record_access_id: string;
  requester_id: string;
}

export interface RecordAccessReviewed {
  record_access_id: string;
  justified: boolean;
}

/** `expires_at` is set once the record is open; after that moment it is closed again. */
export interface RecordAccessState {
  record_access_id: string;
  status: "requested" | "approved" | "refused" | "opened" | (string & {});
  expires_at?: string | null;
  version: number;
}

export interface RecordAccesses {
  accesses: RecordAccessEntry[];
}

/**
 * Marks a person's check-in or check-out (A17-A22, A32). `client_id` names the scan on its device, so that an
 * offline scan uploaded twice counts once; `occurred_at` is the device's clock, the service keeps its own too.
 *
 * Who it is: `person_id`, or `pass_code` as `get-passes` gave it (the text of the QR code or the readable code).
 * `on_site_code` proves that she stands at the door now. Paper needs `evidence` (a photo of the sheet), online needs
 * the `minutes` of dwelling. A `walk_in` without a seat takes one of those that are left. Where the course is entered
 * by pass, the first check-in takes a visit (A33).
 */
export interface RecordAttendance {
  session_id: string;
  person_id?: string | null;
  pass_code?: string | null;
  on_site_code?: string | null;
  mark: "check_in" | "check_out";
  method: "qr" | "code" | "assisted" | "paper" | "online";
  client_id: string;
  occurred_at: string;
  evidence?: string | null;
  minutes?: number | null;
  walk_in?: boolean;
}

/**
 * Records that a background check (or another proof) was made on a day and holds until another, at most 12 months
 * on (未成年人保护法 art. 62: inquiry at hiring and every year). What the check said is not kept: only that it holds.
 */
export interface RecordClearance {
  clearance_id: string;
  volunteer_id: string;
  kind: "background_check" | "health_check" | "training" | "insurance";
  checked_on: string;
  valid_until: string;
}

/**
 * Records that a person, or for a minor the guardian, agreed to a purpose under a notice version (PIPL 14, 31).
 *
 * Each purpose is a consent of its own (PIPL 29). `notice_version` is that of the privacy notice in force; where none
 * is published, it names the paper form. A consent on paper names the `evidence` that is kept; whoever records a
 * witnessed one is its witness. The same consent recorded again changes nothing: nobody is asked twice for the same.
 */
export interface RecordConsent {
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site";
  given_by: string;
  notice_version: string;
  method?: "app" | "paper" | "witnessed";
  evidence?: string | null;
  expires_at?: string | null;
}

/** Adds cost and photos to what the facts already tell of a counted session; the last recording counts. */
export interface RecordSessionReport {
  report_id: string;
  session_id: string;
  costs?: Cost[];
  photos?: Photo[];
}

/**
 * Writes down a visit that was made; the same visit sent again, by a phone that heard no answer, changes nothing.
 *
 * `contact_id` is the member of the household by whom it is known; it is needed where somebody was met, and for a
 * `note`, which is sealed for her (PIPL 47) and kept until `note_until`: 90 days by default, a year at most (PIPL 19).
 */
export interface RecordVisit {
  visit_id: string;
  unit_id: string;
  region: string;
  programme_id?: string | null;
  contact_id?: string | null;
  visitors: string[];
  visited_at: string;
  outcome: "met" | "nobody_home" | "declined";
  people_met?: number;
  findings?: string[];
  note?: string | null;
  note_until?: string | null;
  follow_ups?: FollowUpPlan[];
}

/** The host does not take a family, and says why by a code (A9): `not-the-group`, `papers-missing`, `other`. */
export interface RefuseEnrolment {
  enrolment_id: string;
  reason: string;
}

/** Leaves the record closed. */
export interface RefuseRecordAccess {
  record_access_id: string;
}

/** A line that was left out: its number in the command (from 1) and the reason code. */
export interface RefusedRow {
  line: number;
  code: string;
}

/** Registers an integrating system of a unit; it gets its secrets by `AddClientSecret`. */
export interface RegisterClient {
  client_id: string;
  unit_id: string;
  name: string;
}

/**
 * A neighbourhood-centre system asks for events of its region by signed webhook (Standard Webhooks, N25).
 *
 * `types` are prefixes of event types (`linli.activities.`); none means all of them.
 */
export interface RegisterEndpoint {
  endpoint_id: string;
  name: string;
  url: string;
  region: string;
  types?: string[];
}

/**
 * Registers a person at home in registry, the only home of personal data (PIPL 6; never matched on phone, R29).
 *
 * A person under 18 needs a guardian who is registered and of age. `language` is that of her messages.
 */
export interface RegisterPerson {
  person_id: string;
  region: string;
  name: string;
  age_band: "0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+";
  email?: string | null;
  language?: string;
  guardian_id?: string | null;
}

/** Registers a team at a volunteer station. `consent_unit_id` is the unit whose 居委会 agreed (条例 42, V1). */
export interface RegisterTeam {
  team_id: string;
  name: string;
  site_id: string;
  legal_form: "registered" | "filed" | "unregistered_group";
  consent_unit_id: string;
}

/** Registers an organisation at a level of the tree under an explicit parent (R1). */
export interface RegisterUnit {
  unit_id: string;
  name: string;
  kind: "federation" | "social_organisation" | "partner";
  level: "city" | "district" | "street" | "community" | "functional_area";
  region: string;
  parent_id?: string | null;
  uscc?: string | null;
}

/**
 * A person joins a team; a number of ours stands in for any document number (Order 67 art. 5, V3).
 *
 * A person under 18 needs the guardian's consent to volunteering (V28).
 */
export interface RegisterVolunteer {
  volunteer_id: string;
  team_id: string;
  person_id: string;
  skills?: string[];
}

/** Records of registry whose time was over are deleted; the audit log has a row of it. */
export interface RegistryRecordsPurged {
  record_id: string;
  record_class: string;
  gone: number;
  held: number;
  days: number;
  source: string;
}

/** Decides that a closed stint is not credited, and why; it waits no more. Nobody decides on the own one (V18). */
export interface RejectStint {
  stint_id: string;
  reason: "not_served" | "times_wrong" | "daily_cap" | "recorded_twice";
}

/**
 * Gives a place in a shift back before the shift begins, so that somebody else, or she again, can take it.
 *
 * Whoever came early and is on duty already checks out first.
 */
export interface ReleaseAssignment {
  assignment_id: string;
}

/** Stops deliveries to an endpoint; pending ones are cancelled. */
export interface RemoveEndpoint {
  endpoint_id: string;
}

export interface ReportRecorded {
  report_id: string;
  session_id: string;
  unit_id: string;
  cents: number;
  photos: number;
}

/**
 * Asks the certificate issuer for a certificate of attendance: how many counted sessions of a region's subtree a
 * person came to from `since` to `until` (A40). It is checked like every certificate (V20).
 */
export interface RequestAttendanceCertificate {
  attendance_certificate_id: string;
  person_id: string;
  unit_id: string;
  region: string;
  since: string;
  until: string;
}

/** Asks to read a minor's record for so many minutes from the approval on. A request lapses after three days. */
export interface RequestRecordAccess {
  record_access_id: string;
  person_id: string;
  reason: "guardian_request" | "correction" | "care" | "safeguarding" | "emergency";
  reason_text: string;
  minutes?: number;
}

/** Seats for families of one kind alone (困境儿童); they take them first, and open seats where these are gone. */
export interface ReservedSeats {
  group: string;
  seats: number;
}

/** Sets a forgotten password anew with a recovery code, and ends every login. */
export interface ResetPassword {
  login: string;
  code_hash: string;
  password: string;
}

/** What the gateway asks before it gives a system a token (RFC 6749 section 4.4). */
export interface ResolveClient {
  client_id: string;
  secret_hash: string;
}

/** What the gateway asks of a token: who is it, and what may she do today. */
export interface ResolveLogin {
  token_hash: string;
}

/**
 * From now on a person's data are kept and nothing else: no enrolment, no shift, no notice (PIPL 44, 47).
 *
 * What she has stays as it is. Another ground takes the place of the one before, but for a legal hold: that is lifted.
 */
export interface RestrictPerson {
  person_id: string;
  ground: "objection" | "accuracy_disputed" | "retention_required" | "legal_hold";
}

export interface RestrictionLifted {
  person_id: string;
}

/** Takes a credited line back by a new line of the same minutes below zero; nothing is edited (V16). */
export interface ReverseHours {
  entry_id: string;
  reverses: string;
}

/** Takes a mistaken check-in back; the trace stays (A21), and a visit taken from a course pass is given back. */
export interface RevertAttendance {
  attendance_id: string;
}

/** Says of an opening by break-glass whether it was justified. Nobody reviews her own. */
export interface ReviewRecordAccess {
  record_access_id: string;
  justified: boolean;
  note: string;
}

/** Ends a system's access: its tokens, event streams and connections within 30 seconds, its webhooks at once. */
export interface RevokeClient {
  client_id: string;
}

/** The address leads nowhere any more; revoking twice changes nothing. */
export interface RevokeFeed {
  feed_id: string;
}

export interface RoomPlan {
  room_id: string;
  name: string;
  capacity: number;
}

export interface Roster {
  session_id: string;
  entries: RosterEntry[];
}

/** `photos_agreed` are those who may be photographed; all others may not (A29). */
export interface RosterEntry {
  enrolment_id: string;
  contact_id: string;
  people: string[];
  status: "confirmed" | "waiting" | "offered" | "withdrawn" | "cancelled" | "requested" | "under_review" | "entered" | "refused" | (string & {});
  present: string[];
  photos_agreed?: string[];
}

/**
 * A new signing secret for an active endpoint, without a push lost (Standard Webhooks, N25).
 *
 * For 24 h each push carries the signatures of both, parted by a space. One that somebody else knows is dropped at
 * once by rotating twice.
 */
export interface RotateEndpointSecret {
  endpoint_id: string;
}

/** How a site did in a week or month: kept, broken, excused; unjudged until a notice of holidays comes. */
export interface RuleOutcome {
  site_id: string;
  rule: string;
  first_day: string;
  last_day: string;
  outcome: string;
}

/** Keeps the design of a session under a name, so that this unit and others may plan the same elsewhere. */
export interface SaveTemplate {
  template_id: string;
  name: string;
  session_id: string;
}

/** One scan of an upload; its fields are those of `record-attendance`. */
export interface Scan {
  session_id: string;
  person_id?: string | null;
  pass_code?: string | null;
  mark: "check_in" | "check_out" | (string & {});
  method: "qr" | "code" | "assisted" | "paper" | "online" | (string & {});
  client_id: string;
  occurred_at: string;
  evidence?: string | null;
  minutes?: number | null;
  walk_in?: boolean;
}

/** `result` is `counted` or the reason code; `since` is when she came, `session_id` where she is expected. */
export interface ScanResult {
  client_id: string;
  result: string;
  attendance_id?: string | null;
  since?: string | null;
  session_id?: string | null;
}

/**
 * Plans a series (四点半课堂): the same local time on each day of a rule, `except_on` days left out (A2).
 *
 * The rule is a weekly one (`weekdays`, ISO 1 Monday to 7) or a `recurrence`; `also_on` adds days by hand. Days off by
 * the State Council's notice and closing days of the site are left out with `skip_holidays`. All sessions or none.
 * Times are those of Asia/Shanghai. `terms` are those of the first session: the window of each later one opens and
 * closes as long before its start.
 */
export interface ScheduleSeries {
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online";
  join_link?: string | null;
  set_up?: number;
  clear_up?: number;
  expected_heads?: number | null;
  project_id?: string | null;
  draft?: boolean;
  series_id: string;
  title: string;
  programme_id: string;
  site_id: string;
  room_id: string;
  first_day: string;
  last_day: string;
  weekdays?: number[];
  begins: string;
  ends: string;
  except_on?: string[];
  capacity: number;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+")[];
  queue_open?: boolean;
  recurrence?: string | null;
  also_on?: string[];
  skip_holidays?: boolean;
  make_up_days?: "ignore" | "hold" | "skip";
  term_days?: "any" | "in_term" | "between";
  permit_number?: string | null;
  terms?: EnrolmentTerms | null;
}

/**
 * Plans one session (场次) in a room of a site, inside its opening hours (A1, A5), and publishes it unless `draft`.
 *
 * 1,000 and more seats or expected heads need the number of the police permit (大型群众性活动安全管理条例).
 */
export interface ScheduleSession {
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online";
  join_link?: string | null;
  set_up?: number;
  clear_up?: number;
  expected_heads?: number | null;
  project_id?: string | null;
  draft?: boolean;
  session_id: string;
  title: string;
  programme_id: string;
  site_id: string;
  room_id: string;
  starts_at: string;
  ends_at: string;
  capacity: number;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+")[];
  queue_open?: boolean;
  permit_number?: string | null;
  terms?: EnrolmentTerms | null;
}

export interface SealingKey {
  person_id: string;
  sealing_key: string;
}

export interface SealingKeys {
  keys: SealingKey[];
}

/**
 * Freed seats are held for a waiting family until `answer_by`, which never falls at night (A11).
 *
 * `tell_at` is when whoever has quiet hours is told, and when the time to answer begins.
 */
export interface SeatsOffered {
  enrolment_id: string;
  session_id: string;
  contact_id: string;
  seats: number;
  answer_by: string;
  tell_at?: string | null;
}

/**
 * Which fields of how many sessions were changed together; each session says its own change too.
 *
 * With the field `rule` the days of the series changed: `recurrence` and `last_day` are those of now, `added` and
 * `cancelled` how many sessions came and went.
 */
export interface SeriesAmended {
  series_id: string;
  scope: "this" | "following" | "all" | (string & {});
  from_day: string;
  fields: string[];
  sessions: number;
  kept: number;
  recurrence?: string | null;
  last_day?: string | null;
  added?: number;
  cancelled?: number;
}

/** How many sessions were called off together; each says so itself too. */
export interface SeriesCancelled {
  series_id: string;
  scope: "this" | "following" | "all" | (string & {});
  from_day: string;
  sessions: number;
  reason: string;
}

/** What a new rule makes of a series. `kept` are sessions changed by hand, which stay as and where they are. */
export interface SeriesChange {
  series_id: string;
  moved: MovedDay[];
  added: PlannedDay[];
  cancelled: DroppedDay[];
  kept: string[];
  skipped: SkippedDay[];
  version: number;
}

export interface SeriesChanges {
  items: SeriesNews[];
}

/** `modified` is that of its session that changed last. */
export interface SeriesNews {
  id: string;
  modified: number;
  state: "updated" | "deleted" | (string & {});
  series?: PublicSeries | null;
}

/** What a series would be: every day it takes and every day it leaves out, with the reason. */
export interface SeriesPreview {
  days: PlannedDay[];
  skipped: SkippedDay[];
}

/** The rule of a series as it holds now; `called_off` are days whose session was called off by hand. */
export interface SeriesRule {
  series_id: string;
  title: string | null;
  programme_id: string;
  recurrence: string;
  first_day: string;
  last_day: string;
  begins: string;
  ends: string;
  except_on: string[];
  also_on: string[];
  called_off: string[];
  skip_holidays: boolean;
  make_up_days: "ignore" | "hold" | "skip" | (string & {});
  term_days: "any" | "in_term" | "between" | (string & {});
  cancelled: boolean;
  version: number;
  sessions: SessionState[];
}

/** A series is planned; its sessions are said one by one, when each is published. */
export interface SeriesScheduled {
  series_id: string;
  programme_id: string;
  unit_id: string;
  site_id: string;
  title: string;
  recurrence: string;
  first_day: string;
  last_day: string;
  begins: string;
  ends: string;
  except_on?: string[];
  sessions: number;
}

export interface SeriesState {
  series_id: string;
  sessions: SessionState[];
  skipped?: SkippedDay[];
}

/** Fields of a published session were changed, neither time nor place; its whole public state after that. */
export interface SessionAmended {
  session_id: string;
  unit_id: string;
  programme_id: string;
  title: string;
  capacity: number;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {}))[];
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | (string & {});
  fields: string[];
  project_id?: string | null;
}

/**
 * A session of care may not open: why, how many adults it needs and has, whose check is missing on that day, and
 * which cleared volunteers are free to step in. Said again when why or who changes. `tell` are those who can mend it.
 */
export interface SessionBlocked {
  session_id: string;
  unit_id: string;
  reason: "too_few_adults" | "clearance_missing" | (string & {});
  starts_at: string;
  adults_needed: number;
  adults_cleared: number;
  uncleared: string[];
  substitutes: string[];
  tell?: string[];
}

export interface SessionCancelled {
  session_id: string;
  unit_id: string;
  title: string;
  starts_at: string;
  reason: string;
}

/** `modified` orders changes as others may see them; nothing that is committed later comes before it. */
export interface SessionChange {
  id: string;
  modified: number;
  state: "updated" | "deleted" | (string & {});
  session?: PublicSession | null;
}

export interface SessionChanges {
  items: SessionChange[];
}

/** The certified count of a session: 人次 is attendances, 人数 distinct persons, by the named rule. */
export interface SessionClosed {
  session_id: string;
  unit_id: string;
  person_times: number;
  persons: number;
  held: boolean;
  rule: string;
}

/** What a session is, wherever and whenever it is held. */
export interface SessionDesign {
  title: string;
  programme_id: string;
  minutes: number;
  capacity: number;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {}))[];
  queue_open?: boolean;
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | (string & {});
  set_up?: number;
  clear_up?: number;
}

export interface SessionList {
  sessions: SessionState[];
}

/** A published session has another time or place: re-confirmation is asked. Its public state, and what it was. */
export interface SessionMoved {
  session_id: string;
  unit_id: string;
  site_id: string;
  room_id: string;
  title: string;
  place: string;
  starts_at: string;
  ends_at: string;
  capacity: number;
  started_at: string;
  from_site_id: string;
  from_room_id: string;
  reason?: string | null;
}

/** `photos` are all that may be shown outside: those with consent, and those without a face. */
export interface SessionReport {
  session_id: string;
  title: string;
  place: string;
  starts_at: string;
  ends_at: string;
  figures: Figures;
  costs: Cost[];
  cents: number;
  photos: Photo[];
  withheld_photos: number;
  feedback: QuestionResult[];
  draft: string;
}

/** A session is open for enrolment; its whole public state. */
export interface SessionScheduled {
  session_id: string;
  series_id?: string | null;
  programme_id: string;
  unit_id: string;
  site_id: string;
  room_id: string;
  title: string;
  place: string;
  starts_at: string;
  ends_at: string;
  capacity: number;
  audience?: ("0-5" | "6-13" | "14-17" | "18-34" | "35-59" | "60+" | (string & {}))[];
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | (string & {});
  project_id?: string | null;
}

export interface SessionState {
  session_id: string;
  title: string;
  site_id: string;
  room_id: string;
  region: string;
  starts_at: string;
  ends_at: string;
  capacity: number;
  seats_taken: number;
  waiting: number;
  status: "drafted" | "published" | "blocked" | "closed" | "cancelled" | (string & {});
  version: number;
  programme_id?: string | null;
  series_id?: string | null;
  supplier_unit_id?: string | null;
  mode?: "in_person" | "mixed" | "online" | (string & {});
  project_id?: string | null;
}

/** It was mended: the session may open. */
export interface SessionUnblocked {
  session_id: string;
  unit_id: string;
}

/**
 * The sessions of a programme take children into care (四点半课堂): one adult on duty for so many children under
 * 14, never fewer than `least_adults`, each with a background check (未成年人保护法 art. 62). Children under 14 leave
 * by hand-over alone, and who is not fetched `grace_minutes` after the end is overdue. It holds for the programmes
 * below it too, unless a rule of their own is set there.
 */
export interface SetCare {
  programme_id: string;
  children_per_adult?: number;
  least_adults?: number;
  grace_minutes?: number;
}

/** Makes a session a lecture: topic, speaker and material; what is said last holds, also after the session (A31). */
export interface SetLecture {
  session_id: string;
  topic: string;
  speaker_id?: string | null;
  speaker_unit_id?: string | null;
  materials?: Material[];
}

/**
 * The sessions of a programme or series are entered by pass alone, or no more; a series' own rule goes before that
 * of its programme. It holds for sessions that are planned already, from the next scan on.
 */
export interface SetPassRule {
  course_id: string;
  kind: "programme" | "series";
  by_pass: boolean;
}

/** Replaces the own recovery codes, each good once for a new password. */
export interface SetRecoveryCodes {
  code_hashes: string[];
}

/** Gives a published session its terms, as long as nobody has enrolled: nobody's terms change afterwards. */
export interface SetTerms {
  session_id: string;
  terms: EnrolmentTerms;
}

export interface ShiftOpened {
  shift_id: string;
  team_id: string;
  session_id?: string | null;
  title: string;
  starts_at: string;
  ends_at: string;
  needed: number;
}

export interface ShiftReleased {
  assignment_id: string;
  shift_id: string;
  volunteer_id: string;
  person_id: string;
}

export interface ShiftState {
  shift_id: string;
  team_id: string;
  title: string;
  starts_at: string;
  ends_at: string;
  needed: number;
  assigned: number;
  version: number;
}

export interface ShiftTaken {
  assignment_id: string;
  shift_id: string;
  volunteer_id: string;
  person_id: string;
}

/** Six digits for the screen at the door that change every 30 seconds: a friend far away has stale ones (A18). */
export interface ShowOnSiteCode {
  session_id: string;
}

export interface SiteClosed {
  site_id: string;
}

export interface SiteImportState {
  outcomes: SiteRowOutcome[];
}

export interface SiteList {
  sites: SiteState[];
}

/** A site is open to the public; its whole public state. */
export interface SiteOpened {
  site_id: string;
  name: string;
  site_type: "womens_home" | "womens_micro_home" | "executive_studio" | "family_mediation_room" | "childrens_home" | "parent_school" | "volunteer_station" | (string & {});
  unit_id: string;
  centre_id?: string | null;
  rooms: RoomPlan[];
  hours: OpeningHours[];
}

/** A site as a list names it: the place is kept as written until a division is certain. */
export interface SiteRow {
  site_id: string;
  name: string;
  site_type: "womens_home" | "womens_micro_home" | "executive_studio" | "family_mediation_room" | "childrens_home" | "parent_school" | "volunteer_station" | (string & {});
  unit_id: string;
  place: string;
}

/** `opened`, or `undecided` with the divisions the place may mean. */
export interface SiteRowOutcome {
  site_id: string;
  state: string;
  region: string | null;
  candidates: PlaceMatch[];
}

export interface SiteState {
  site_id: string;
  name: string;
  site_type: "womens_home" | "womens_micro_home" | "executive_studio" | "family_mediation_room" | "childrens_home" | "parent_school" | "volunteer_station" | (string & {});
  unit_id: string;
  centre_id: string | null;
  region: string;
  status: string;
  rooms: RoomPlan[];
  hours: OpeningHours[];
  version: number;
}

/** A day that the rule gives and the series leaves out: excepted, holiday, make-up-day, no-term, term, closing. */
export interface SkippedDay {
  day: string;
  why: string;
  name?: string | null;
}

/** `short_of` is the quota that had too few free seats: `open`, `child` or `reserved`. */
export interface SkippedFamily {
  enrolment_id: string;
  seats_wanted: number;
  seats_free: number;
  short_of: string;
}

/**
 * A contact is suspended by a host until a moment, or in good standing again; `why` is `absences`, `lapsed` or
 * `appeal-upheld`.
 */
export interface StandingChanged {
  standing_id: string;
  unit_id: string;
  person_id: string;
  status: "good" | "suspended" | (string & {});
  until?: string | null;
  why: string;
}

export interface StandingList {
  standings: StandingState[];
}

/**
 * Whoever enrols and stays away `absences` times within `within_days` is suspended by this host for
 * `suspends_days` (A14). An absence lapses after `within_days`; hours of volunteers are never touched.
 */
export interface StandingRule {
  absences?: number;
  within_days?: number;
  suspends_days?: number;
  late_withdrawal_counts?: boolean;
}

/** Of one contact with one host. `absences` are those that count now. */
export interface StandingState {
  standing_id: string;
  unit_id: string;
  person_id: string;
  status: "good" | "suspended" | (string & {});
  absences: number;
  suspended_until: string | null;
  appeal_id?: string | null;
  appeal?: "open" | "upheld" | "dismissed" | (string & {}) | null;
  version: number;
}

/** `smallest`: figures of fewer people are withheld, and with them the next larger of the same table. */
export interface Statistics {
  region: string;
  period: string;
  rule: string;
  smallest: number;
  total: Figures;
  cells: StatisticsCell[];
}

/**
 * `key` is a month, a region, the id of a programme, project or site, or an age band; programmes and sites have
 * their names beside it.
 */
export interface StatisticsCell {
  key: string;
  name?: string | null;
  figures: Figures;
}

export interface StatusCount {
  channel: "inbox" | "email" | "webhook" | (string & {});
  status: "planned" | "sent" | "seen" | "cancelled" | "superseded" | "failed" | (string & {});
  count: number;
}

/** A stint waits for approval. `auto` is true where the rule closed a forgotten exit (V14). */
export interface StintClosed {
  stint_id: string;
  shift_id: string;
  volunteer_id: string;
  person_id: string;
  minutes: number;
  grade: "device_verified" | "witnessed" | "back_filled" | "imported" | (string & {});
  auto: boolean;
}

export interface StintOpened {
  stint_id: string;
  shift_id: string;
  volunteer_id: string;
  person_id: string;
  occurred_at: string;
}

/** The minutes of a closed stint will not be credited. She may contest that (V19). */
export interface StintRejected {
  stint_id: string;
  shift_id: string;
  volunteer_id: string;
  person_id: string;
  reason: "not_served" | "times_wrong" | "daily_cap" | "recorded_twice" | (string & {});
}

export interface StintState {
  stint_id: string;
  shift_id: string;
  volunteer_id: string;
  status: "open" | "closed" | "auto_closed" | "credited" | "rejected" | (string & {});
  checked_in_at: string;
  checked_out_at: string | null;
  minutes: number | null;
  grade: "device_verified" | "witnessed" | "back_filled" | "imported" | (string & {}) | null;
  version: number;
}

/** Credited minutes less reversed ones of a region's subtree with service dates in [since, until). */
export interface SumMinutes {
  region: string;
  since: string;
  until: string;
}

/**
 * A volunteer takes a place in a shift, knowing its risks (V8); nobody is in two places at once (V9).
 *
 * Whoever gave a place back may take one again while it is free, as a new assignment.
 */
export interface TakeShift {
  assignment_id: string;
  shift_id: string;
  volunteer_id: string;
  risk_acknowledged: boolean;
}

export interface TeamRegistered {
  team_id: string;
  name: string;
  site_id: string;
  unit_id: string;
  legal_form: "registered" | "filed" | "unregistered_group" | (string & {});
}

export interface TeamState {
  team_id: string;
  name: string;
  site_id: string;
  unit_id: string;
  region: string;
  version: number;
}

export interface TemplateList {
  templates: TemplateState[];
}

export interface TemplateState {
  template_id: string;
  name: string;
  unit_id: string;
  region: string;
  design: SessionDesign;
}

export interface TermAnnounced {
  term_id: string;
  name: string;
  first_day: string;
  last_day: string;
}

export interface TermState {
  term_id: string;
  region: string;
  name: string;
  first_day: string;
  last_day: string;
  version: number;
}

export interface TermsState {
  session_id: string;
  capacity: number;
  seats_taken: number;
  waiting: number;
  quotas: QuotaState[];
  terms: EnrolmentTerms | null;
  commitment?: string | null;
}

/** What one person was to be told on one channel, and what became of it: `seen` when she has read it. */
export interface Told {
  person_id: string;
  template: string;
  channel: "inbox" | "email" | "webhook" | (string & {});
  status: "planned" | "sent" | "seen" | "cancelled" | "superseded" | "failed" | (string & {});
  due_at: string;
  sent_at: string | null;
}

export interface ToldList {
  told: Told[];
  next?: string | null;
}

/**
 * Takes an applied upload back as a whole: new sessions go, changed ones are as before.
 *
 * Refused once anybody is enrolled in one of them, or one was changed, moved or closed since.
 */
export interface UndoPlan {
  upload_id: string;
}

export interface UnitList {
  units: UnitState[];
}

export interface UnitRegistered {
  unit_id: string;
  name: string;
  kind: "federation" | "social_organisation" | "partner" | (string & {});
  level: "city" | "district" | "street" | "community" | "functional_area" | (string & {});
  parent_id?: string | null;
}

export interface UnitState {
  unit_id: string;
  name: string;
  kind: "federation" | "social_organisation" | "partner" | (string & {});
  level: "city" | "district" | "street" | "community" | "functional_area" | (string & {});
  region: string;
  parent_id: string | null;
  version: number;
}

/** Lifts the delay after wrong passwords at once. */
export interface UnlockAccount {
  account_id: string;
}

/**
 * Reads a term's plan and says row by row what it would do; nothing is planned yet.
 *
 * `plan_id` names the plan through its uploads: a row is known again by its 编号, else by site, room, day and start.
 * Columns: 日期, 开始, 结束, 阵地, 房间, 项目, 主题, 名额, and if wanted 编号, 对象, 布置分钟, 整理分钟, 许可编号.
 * Sites and programmes are named as they are in the system, within `region`.
 */
export interface UploadPlan {
  upload_id: string;
  plan_id: string;
  region: string;
  file: string;
}

/**
 * Scans that a device took without network (A19): all good ones count, bad ones are named, nothing counts twice.
 *
 * `device_time` is the device's clock at the moment of sending: what it is off by is taken off every scan, and such
 * scans are flagged; off by more than a day the upload is refused (`clock-skew`).
 */
export interface UploadScans {
  device_id: string;
  device_time: string;
  scans: Scan[];
}

/** One result a scan, in the order of the upload. */
export interface UploadSummary {
  counted: number;
  refused: number;
  skew_seconds: number;
  results: ScanResult[];
}

/**
 * What anybody may learn of a certificate: is it genuine, how much, whose record (no name).
 *
 * A certificate of attendance has `sessions` and no minutes: attendance is no volunteering (Order 67 article 19).
 */
export interface Verification {
  valid: boolean;
  minutes: number;
  since: string;
  until: string;
  unit_id: string;
  issued_at: string;
  sessions?: number | null;
}

/** Checks a certificate by its number and check code (Order 67 art. 17). */
export interface VerifyCertificate {
  certificate_no: string;
  check_code: string;
}

/**
 * By the rule `visit-count-1`: `visits` are those at which somebody was met, `households` how many different ones,
 * `attempts` all the others. None of it is part of 人次.
 */
export interface VisitCounts {
  visits: number;
  attempts: number;
  households: number | null;
  people_met: number;
  findings: FindingCount[];
  smallest: number;
  rule: string;
}

export interface VisitList {
  visits: VisitState[];
}

/** Without the household: whose hardship was found is nobody else's business (PIPL 28). */
export interface VisitMade {
  visit_id: string;
  unit_id: string;
  programme_id?: string | null;
  visitors: string[];
  visited_at: string;
  outcome: "met" | "nobody_home" | "declined" | (string & {});
  people_met: number;
  findings: string[];
  follow_ups?: string[];
}

export interface VisitNote {
  visit_id: string;
  note: string;
  until: string;
}

export interface VisitState {
  visit_id: string;
  unit_id: string;
  region: string;
  programme_id: string | null;
  contact_id: string | null;
  visitors: string[];
  visited_at: string;
  outcome: "met" | "nobody_home" | "declined" | (string & {});
  people_met: number;
  findings: string[];
  follow_ups: string[];
  version: number;
}

export interface VolunteerHours {
  volunteer_id: string;
  minutes: number;
  by_grade: HoursByGrade[];
  entries: LedgerEntry[];
}

export interface VolunteerRegistered {
  volunteer_id: string;
  person_id: string;
  team_id: string;
  volunteer_no: string;
}

export interface VolunteerState {
  volunteer_id: string;
  person_id: string;
  team_id: string;
  volunteer_no: string;
  version: number;
}

/** A membership is over: its holder serves under it no more. Hours and certificates stay (志愿服务条例 19). */
export interface VolunteerWithdrawn {
  volunteer_id: string;
  person_id: string;
  team_id: string;
}

/** `ended` by withdrawals, newest first; the other two are what a withdrawal now would end. */
export interface VolunteeringEffects {
  ended: EndedVolunteering[];
  would_give_back: string[];
  would_leave: string[];
}

/**
 * What rested on the consent to volunteering has ended here. `withdrawal_id` is the event that ended the consent.
 *
 * `assignments` were given back, `memberships` are those that are over. They come again in a later version
 * when somebody was joining or taking a shift at the moment of withdrawal.
 */
export interface VolunteeringWithdrawalApplied {
  withdrawal_id: string;
  person_id: string;
  effects: string[];
  assignments?: string[];
  memberships?: string[];
}

/** Records of volunteers whose time was over are deleted; the audit log has a row of it. */
export interface VolunteersRecordsPurged {
  record_id: string;
  record_class: string;
  gone: number;
  held: number;
  days: number;
  source: string;
}

/** The own account and offices. */
export type WhoAmI = Record<string, never>;

/** Ends a clearance at once: the check was wrong, or something came to light. */
export interface WithdrawClearance {
  clearance_id: string;
}

/** The site opens on those days after all. */
export interface WithdrawClosing {
  closing_id: string;
}

/** Withdraws a consent, as easily as it was given (PIPL 15): no reason, no form, no other person is asked for. */
export interface WithdrawConsent {
  person_id: string;
  purpose: "activities" | "photos" | "volunteering" | "contact_email" | "share_host_site";
}

/**
 * A family gives its seats or its place in the queue back; freed seats are offered to the next that fits (A10).
 *
 * It may do so until the session starts. Nearer to it than the terms' `withdraw_before_minutes` it is late: taken all
 * the same, because a seat given back late is better than an empty one, and counted by the standing rule's word.
 */
export interface WithdrawEnrolment {
  enrolment_id: string;
}

/** Erases a note, as easily as it was given (PIPL 15, 47). */
export interface WithdrawHealthNote {
  note_id: string;
  given_by: string;
}

/** A consent that ended. `effects` say what stops by it within 60 seconds; the services list what they ended. */
export interface Withdrawal {
  consent_id?: string | null;
  effects?: string[];
}

/** `ended` were withdrawn with a consent, newest first; `would_end` are those that a withdrawal now would end. */
export interface WithdrawalEffects {
  ended: EndedEnrolment[];
  would_end: string[];
  photos_agreed: boolean;
}

/** `known` is False for a year without a notice: then nothing is said of its days. */
export interface YearCalendar {
  year: number;
  known: boolean;
  days_off: DayOff[];
  worked: string[];
  terms: TermState[];
}

/** Every event. */
export type LinliEvent =
  | CloudEvent<"linli.registry.account.closed.v1", AccountClosed>
  | CloudEvent<"linli.registry.account.created.v1", AccountCreated>
  | CloudEvent<"linli.registry.appointment.ended.v1", AppointmentEnded>
  | CloudEvent<"linli.registry.appointment.started.v1", PersonAppointed>
  | CloudEvent<"linli.registry.centre.opened.v1", CentreOpened>
  | CloudEvent<"linli.registry.client.registered.v1", ClientRegistered>
  | CloudEvent<"linli.registry.client.revoked.v1", ClientRevoked>
  | CloudEvent<"linli.registry.delegation.ended.v1", DelegationEnded>
  | CloudEvent<"linli.registry.delegation.started.v1", DelegationStarted>
  | CloudEvent<"linli.registry.division-import.applied.v1", DivisionsImported>
  | CloudEvent<"linli.registry.person-request.answered.v1", PersonRequestAnswered>
  | CloudEvent<"linli.registry.person-request.due-soon.v1", PersonRequestDueSoon>
  | CloudEvent<"linli.registry.person-request.filed.v1", PersonRequestFiled>
  | CloudEvent<"linli.registry.person-request.overdue.v1", PersonRequestOverdue>
  | CloudEvent<"linli.registry.person.consent-given.v1", ConsentGiven>
  | CloudEvent<"linli.registry.person.consent-withdrawn.v1", ConsentWithdrawn>
  | CloudEvent<"linli.registry.person.corrected.v1", PersonCorrected>
  | CloudEvent<"linli.registry.person.erased.v1", PersonErased>
  | CloudEvent<"linli.registry.person.registered.v1", PersonRegistered>
  | CloudEvent<"linli.registry.person.restricted.v1", PersonRestricted>
  | CloudEvent<"linli.registry.person.restriction-lifted.v1", RestrictionLifted>
  | CloudEvent<"linli.registry.privacy-notice.published.v1", PrivacyNoticePublished>
  | CloudEvent<"linli.registry.record-access.approved.v1", RecordAccessApproved>
  | CloudEvent<"linli.registry.record-access.glass-broken.v1", GlassBroken>
  | CloudEvent<"linli.registry.record-access.refused.v1", RecordAccessRefused>
  | CloudEvent<"linli.registry.record-access.requested.v1", RecordAccessRequested>
  | CloudEvent<"linli.registry.record-access.review-due.v1", RecordAccessReviewDue>
  | CloudEvent<"linli.registry.record-access.reviewed.v1", RecordAccessReviewed>
  | CloudEvent<"linli.registry.record.purged.v1", RegistryRecordsPurged>
  | CloudEvent<"linli.registry.site-draft.undecided.v1", PlaceUndecided>
  | CloudEvent<"linli.registry.site.closed.v1", SiteClosed>
  | CloudEvent<"linli.registry.site.opened.v1", SiteOpened>
  | CloudEvent<"linli.registry.unit.registered.v1", UnitRegistered>
  | CloudEvent<"linli.activities.absence.excused.v1", AbsenceExcused>
  | CloudEvent<"linli.activities.absence.unexcused.v1", AbsenceUnexcused>
  | CloudEvent<"linli.activities.appeal.decided.v1", AppealDecided>
  | CloudEvent<"linli.activities.appeal.opened.v1", AppealOpened>
  | CloudEvent<"linli.activities.attendance-certificate.requested.v1", AttendanceCertificateRequested>
  | CloudEvent<"linli.activities.attendance.recorded.v1", AttendanceRecorded>
  | CloudEvent<"linli.activities.attendance.reverted.v1", AttendanceReverted>
  | CloudEvent<"linli.activities.cadence.broken.v1", CadenceBroken>
  | CloudEvent<"linli.activities.capacity.changed.v1", CapacityChanged>
  | CloudEvent<"linli.activities.care.set.v1", CareSet>
  | CloudEvent<"linli.activities.child.handed-over.v1", ChildHandedOver>
  | CloudEvent<"linli.activities.child.overdue.v1", ChildOverdue>
  | CloudEvent<"linli.activities.closing.announced.v1", DaysClosed>
  | CloudEvent<"linli.activities.closing.withdrawn.v1", ClosingWithdrawn>
  | CloudEvent<"linli.activities.correction.made.v1", CorrectionMade>
  | CloudEvent<"linli.activities.count.adjusted.v1", CountAdjusted>
  | CloudEvent<"linli.activities.count.certified.v1", CountCertified>
  | CloudEvent<"linli.activities.draw.announced.v1", DrawAnnounced>
  | CloudEvent<"linli.activities.draw.held.v1", DrawHeld>
  | CloudEvent<"linli.activities.enrolment.approved.v1", EnrolmentApproved>
  | CloudEvent<"linli.activities.enrolment.changed.v1", FamilyChanged>
  | CloudEvent<"linli.activities.enrolment.confirmed.v1", EnrolmentConfirmed>
  | CloudEvent<"linli.activities.enrolment.entered.v1", EnrolmentEntered>
  | CloudEvent<"linli.activities.enrolment.offer-ended.v1", OfferEnded>
  | CloudEvent<"linli.activities.enrolment.queued.v1", EnrolmentQueued>
  | CloudEvent<"linli.activities.enrolment.reconfirm-requested.v1", ReconfirmRequested>
  | CloudEvent<"linli.activities.enrolment.reconfirmed.v1", EnrolmentReconfirmed>
  | CloudEvent<"linli.activities.enrolment.refused.v1", EnrolmentRefused>
  | CloudEvent<"linli.activities.enrolment.requested.v1", EnrolmentRequested>
  | CloudEvent<"linli.activities.enrolment.seats-offered.v1", SeatsOffered>
  | CloudEvent<"linli.activities.enrolment.withdrawn.v1", EnrolmentWithdrawn>
  | CloudEvent<"linli.activities.feedback.received.v1", FeedbackReceived>
  | CloudEvent<"linli.activities.follow-up.closed.v1", FollowUpClosed>
  | CloudEvent<"linli.activities.follow-up.opened.v1", FollowUpOpened>
  | CloudEvent<"linli.activities.follow-up.overdue.v1", FollowUpOverdue>
  | CloudEvent<"linli.activities.headcount.declared.v1", HeadcountDeclared>
  | CloudEvent<"linli.activities.holiday-year.announced.v1", HolidaysAnnounced>
  | CloudEvent<"linli.activities.lecture.set.v1", LectureSet>
  | CloudEvent<"linli.activities.pass-rule.set.v1", PassRuleSet>
  | CloudEvent<"linli.activities.pass.ended.v1", PassEnded>
  | CloudEvent<"linli.activities.pass.issued.v1", PassIssued>
  | CloudEvent<"linli.activities.pass.returned.v1", PassReturned>
  | CloudEvent<"linli.activities.pass.used.v1", PassUsed>
  | CloudEvent<"linli.activities.period.closed.v1", PeriodClosed>
  | CloudEvent<"linli.activities.pick-up.authorised.v1", PickUpAuthorised>
  | CloudEvent<"linli.activities.pick-up.ended.v1", PickUpEnded>
  | CloudEvent<"linli.activities.programme.amended.v1", ProgrammeAmended>
  | CloudEvent<"linli.activities.programme.created.v1", ProgrammeCreated>
  | CloudEvent<"linli.activities.queue.skipped.v1", QueueSkipped>
  | CloudEvent<"linli.activities.record.purged.v1", ActivitiesRecordsPurged>
  | CloudEvent<"linli.activities.report.recorded.v1", ReportRecorded>
  | CloudEvent<"linli.activities.series.amended.v1", SeriesAmended>
  | CloudEvent<"linli.activities.series.cancelled.v1", SeriesCancelled>
  | CloudEvent<"linli.activities.series.scheduled.v1", SeriesScheduled>
  | CloudEvent<"linli.activities.session.amended.v1", SessionAmended>
  | CloudEvent<"linli.activities.session.blocked.v1", SessionBlocked>
  | CloudEvent<"linli.activities.session.cancelled.v1", SessionCancelled>
  | CloudEvent<"linli.activities.session.closed.v1", SessionClosed>
  | CloudEvent<"linli.activities.session.moved.v1", SessionMoved>
  | CloudEvent<"linli.activities.session.scheduled.v1", SessionScheduled>
  | CloudEvent<"linli.activities.session.unblocked.v1", SessionUnblocked>
  | CloudEvent<"linli.activities.standing.changed.v1", StandingChanged>
  | CloudEvent<"linli.activities.term.announced.v1", TermAnnounced>
  | CloudEvent<"linli.activities.visit.made.v1", VisitMade>
  | CloudEvent<"linli.activities.withdrawal.applied.v1", ConsentWithdrawalApplied>
  | CloudEvent<"linli.volunteers.assignment.given-back.v1", ShiftReleased>
  | CloudEvent<"linli.volunteers.assignment.made.v1", ShiftTaken>
  | CloudEvent<"linli.volunteers.attendance-certificate.issued.v1", AttendanceCertificateIssued>
  | CloudEvent<"linli.volunteers.certificate.issued.v1", CertificateIssued>
  | CloudEvent<"linli.volunteers.certificate.revoked.v1", CertificateRevoked>
  | CloudEvent<"linli.volunteers.clearance.expired.v1", ClearanceExpired>
  | CloudEvent<"linli.volunteers.clearance.recorded.v1", ClearanceRecorded>
  | CloudEvent<"linli.volunteers.clearance.withdrawn.v1", ClearanceWithdrawn>
  | CloudEvent<"linli.volunteers.hours.credited.v1", HoursCredited>
  | CloudEvent<"linli.volunteers.hours.reversed.v1", HoursReversed>
  | CloudEvent<"linli.volunteers.record.purged.v1", VolunteersRecordsPurged>
  | CloudEvent<"linli.volunteers.shift.opened.v1", ShiftOpened>
  | CloudEvent<"linli.volunteers.stint.closed.v1", StintClosed>
  | CloudEvent<"linli.volunteers.stint.opened.v1", StintOpened>
  | CloudEvent<"linli.volunteers.stint.rejected.v1", StintRejected>
  | CloudEvent<"linli.volunteers.team.registered.v1", TeamRegistered>
  | CloudEvent<"linli.volunteers.volunteer.registered.v1", VolunteerRegistered>
  | CloudEvent<"linli.volunteers.volunteer.withdrawn.v1", VolunteerWithdrawn>
  | CloudEvent<"linli.volunteers.withdrawal.applied.v1", VolunteeringWithdrawalApplied>
  | CloudEvent<"linli.notify.endpoint.registered.v1", EndpointRegistered>
  | CloudEvent<"linli.notify.endpoint.removed.v1", EndpointRemoved>
  | CloudEvent<"linli.notify.endpoint.secret-rotated.v1", EndpointSecretRotated>
  | CloudEvent<"linli.notify.notice.cancelled.v1", NoticeCancelled>
  | CloudEvent<"linli.notify.notice.failed.v1", NoticeFailed>
  | CloudEvent<"linli.notify.notice.sent.v1", NoticeSent>
  | CloudEvent<"linli.notify.record.purged.v1", NotifyRecordsPurged>;

/** Every route: what is sent and what is answered. */
export interface Routes {
  "POST /v1/logins/act-at": { request: ActAt; reply: Login; refusals: "login-ended" | "no-office" };
  "POST /v1/clients/{client_id}/secrets": { request: AddClientSecret; reply: ClientState; refusals: "unknown-client" | "client-revoked" };
  "POST /v1/person-requests/{person_request_id}/answer": { request: AnswerPersonRequest; reply: PersonRequestState; refusals: "unknown-person-request" | "own-request" | "person-request-answered" | "reason-needed" };
  "POST /v1/units/{unit_id}/appointments": { request: Appoint; reply: AppointmentState; refusals: "unknown-unit" | "unknown-person" | "appointment-overlaps" | "duties-conflict" };
  "POST /v1/record-accesses/{record_access_id}/approve": { request: ApproveRecordAccess; reply: RecordAccessState; refusals: "unknown-record-access" | "own-request" | "access-decided" | "request-lapsed" };
  "POST /v1/people/{person_id}/break-glass": { request: BreakGlass; reply: RecordAccessState; refusals: "unknown-person" | "approval-not-needed" | "record-access-exists" };
  "POST /v1/me/password": { request: ChangePassword; reply: Done; refusals: "unknown-account" | "wrong-credentials" | "account-locked" | "password-too-weak" };
  "POST /v1/accounts/{account_id}/close": { request: CloseAccount; reply: AccountState; refusals: "unknown-account" };
  "POST /v1/sites/{site_id}/close": { request: CloseSite; reply: SiteState; refusals: "unknown-site" | "site-closed" };
  "POST /v1/people/{person_id}/correct": { request: CorrectPerson; reply: PersonState; refusals: "unknown-person" | "guardian-needed" | "guardian-is-minor" | "has-wards" | "approval-needed" };
  "POST /v1/accounts": { request: CreateAccount; reply: AccountState; refusals: "unknown-person" | "account-exists" | "login-taken" | "password-too-weak" };
  "POST /v1/sites/{site_id}/place": { request: DecidePlace; reply: SiteState; refusals: "unknown-site" | "division-code-unknown" | "already-decided" };
  "POST /v1/appointments/{appointment_id}/delegations": { request: Delegate; reply: DelegationState; refusals: "unknown-appointment" | "unknown-person" | "already-holder" | "delegation-exists" | "ends-before-start" | "duties-conflict" };
  "POST /v1/appointments/{appointment_id}/end": { request: EndAppointment; reply: AppointmentState; refusals: "unknown-appointment" | "appointment-ended" | "ends-before-start" };
  "POST /v1/delegations/{delegation_id}/end": { request: EndDelegation; reply: DelegationState; refusals: "unknown-delegation" };
  "POST /v1/people/{person_id}/erase": { request: ErasePerson; reply: ErasureState; refusals: "unknown-person" | "not-entitled" | "has-wards" | "holds-office" | "under-legal-hold" };
  "POST /v1/people/{person_id}/requests": { request: FilePersonRequest; reply: PersonRequestState; refusals: "unknown-person" | "not-entitled" | "received-wrong" | "person-request-exists" | "person-request-open" };
  "POST /v1/divisions/import": { request: ImportDivisions; reply: ImportSummary; refusals: "row-unreadable" | "parent-unknown" | "level-mismatch" | "division-repeated" };
  "POST /v1/sites/import": { request: ImportSites; reply: SiteImportState; refusals: "division-code-unknown" | "unknown-unit" | "site-exists" | "hours-reversed" };
  "POST /v1/people/{person_id}/restrict/lift": { request: LiftRestriction; reply: PersonState; refusals: "unknown-person" | "not-restricted" };
  "POST /v1/accounts/{account_id}/identities": { request: LinkIdentity; reply: AccountState; refusals: "unknown-account" | "identity-taken" };
  "POST /v1/logins/external": { request: LogInExternally; reply: Login; refusals: "wrong-credentials" | "no-office" };
  "POST /v1/logins": { request: LogIn; reply: Login; refusals: "wrong-credentials" | "account-locked" | "no-office" };
  "POST /v1/logins/end": { request: LogOut; reply: Done; refusals: never };
  "POST /v1/centres": { request: OpenCentre; reply: CentreState; refusals: "division-code-unknown" | "unknown-unit" | "centre-exists" };
  "POST /v1/sites": { request: OpenSite; reply: SiteState; refusals: "division-code-unknown" | "unknown-unit" | "unknown-centre" | "site-exists" | "hours-reversed" | "room-exists" };
  "POST /v1/privacy-notices": { request: PublishPrivacyNotice; reply: PrivacyNotice; refusals: "privacy-notice-exists" };
  "POST /v1/people/{person_id}/consents": { request: RecordConsent; reply: Done; refusals: "unknown-person" | "not-guardian" | "notice-outdated" | "evidence-needed" | "own-witness" | "expiry-passed" };
  "POST /v1/record-accesses/{record_access_id}/refuse": { request: RefuseRecordAccess; reply: RecordAccessState; refusals: "unknown-record-access" | "own-request" | "access-decided" };
  "POST /v1/clients": { request: RegisterClient; reply: ClientState; refusals: "unknown-unit" | "client-exists" };
  "POST /v1/people": { request: RegisterPerson; reply: PersonState; refusals: "unknown-person" | "person-exists" | "guardian-needed" | "guardian-is-minor" };
  "POST /v1/units": { request: RegisterUnit; reply: UnitState; refusals: "division-code-unknown" | "unknown-unit" | "unit-exists" | "level-mismatch" };
  "POST /v1/people/{person_id}/record-accesses": { request: RequestRecordAccess; reply: RecordAccessState; refusals: "unknown-person" | "approval-not-needed" | "record-access-exists" };
  "POST /v1/accounts/reset-password": { request: ResetPassword; reply: Done; refusals: "wrong-credentials" | "account-locked" | "password-too-weak" };
  "POST /v1/people/{person_id}/restrict": { request: RestrictPerson; reply: PersonState; refusals: "unknown-person" | "under-legal-hold" };
  "POST /v1/record-accesses/{record_access_id}/review": { request: ReviewRecordAccess; reply: RecordAccessState; refusals: "unknown-record-access" | "own-request" | "nothing-to-review" | "access-reviewed" };
  "POST /v1/clients/{client_id}/revoke": { request: RevokeClient; reply: ClientState; refusals: "unknown-client" };
  "POST /v1/me/recovery-codes": { request: SetRecoveryCodes; reply: Done; refusals: "unknown-account" };
  "POST /v1/accounts/{account_id}/unlock": { request: UnlockAccount; reply: AccountState; refusals: "unknown-account" };
  "POST /v1/people/{person_id}/consents/withdraw": { request: WithdrawConsent; reply: Withdrawal; refusals: "unknown-person" | "consent-missing" };
  "POST /v1/enrolments/{enrolment_id}/accept": { request: AcceptOffer; reply: EnrolmentState; refusals: "unknown-enrolment" | "no-offer" | "offer-lapsed" | "guardian-consent-missing" };
  "POST /v1/programmes/{programme_id}/amend": { request: AmendProgramme; reply: ProgrammeState; refusals: "unknown-programme" };
  "POST /v1/series/{series_id}/amend": { request: AmendSeries; reply: AmendedSeries; refusals: "unknown-series" | "series-cancelled" | "unknown-session" | "nothing-to-amend" | "seats-promised" | "terms-conflict" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" };
  "POST /v1/sessions/{session_id}/amend": { request: AmendSession; reply: SessionState; refusals: "unknown-session" | "session-cancelled" | "session-over" | "seats-promised" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" };
  "POST /v1/calendar/holidays": { request: AnnounceHolidays; reply: HolidayYear; refusals: never };
  "POST /v1/calendar/terms": { request: AnnounceTerm; reply: TermState; refusals: "term-exists" | "term-overlaps" | "times-reversed" };
  "POST /v1/standings/{standing_id}/appeals": { request: AppealStanding; reply: StandingState; refusals: "unknown-standing" | "not-suspended" | "appeal-open" | "appeal-exists" };
  "POST /v1/term-plans/{upload_id}/apply": { request: ApplyPlan; reply: PlanReview; refusals: "unknown-upload" | "upload-applied" };
  "POST /v1/enrolments/{enrolment_id}/approve": { request: ApproveEnrolment; reply: EnrolmentState; refusals: "unknown-enrolment" | "nothing-to-approve" | "own-enrolment" | "session-cancelled" | "window-closed" | "guardian-consent-missing" | "family-too-large" | "queue-closed" };
  "POST /v1/children/{child_id}/pick-ups": { request: AuthorisePickUp; reply: PickUpState; refusals: "pick-up-exists" | "unknown-person" | "unknown-site" | "not-a-child" | "not-the-guardian" | "too-young-to-fetch" };
  "POST /v1/series/{series_id}/cancel": { request: CancelSeries; reply: CancelledSeries; refusals: "unknown-series" | "series-cancelled" | "unknown-session" | "nothing-to-amend" };
  "POST /v1/sessions/{session_id}/cancel": { request: CancelSession; reply: SessionState; refusals: "unknown-session" | "session-cancelled" | "session-over" };
  "POST /v1/sessions/{session_id}/capacity": { request: ChangeCapacity; reply: TermsState; refusals: "unknown-session" | "session-cancelled" | "session-over" | "room-too-small" | "permit-needed" | "seats-in-use" | "terms-conflict" };
  "POST /v1/enrolments/{enrolment_id}/people": { request: ChangeFamily; reply: EnrolmentState; refusals: "unknown-enrolment" | "enrolment-ended" | "window-closed" | "answer-offer-first" | "already-enrolled" | "unknown-person" | "person-restricted" | "not-eligible" | "guardian-consent-missing" | "outside-area" | "family-too-large" | "no-seats-left" };
  "POST /v1/series/{series_id}/rule": { request: ChangeSeriesRule; reply: SeriesChange; refusals: "unknown-series" | "series-cancelled" | "unknown-session" | "nothing-to-amend" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" | "calendar-unknown" | "term-unknown" | "terms-conflict" };
  "POST /v1/sites/{site_id}/closings": { request: CloseDays; reply: ClosingState; refusals: "unknown-site" | "site-closed" | "closing-exists" | "times-reversed" };
  "POST /v1/follow-ups/{follow_up_id}/close": { request: CloseFollowUp; reply: FollowUpState; refusals: "unknown-follow-up" | "follow-up-closed" };
  "POST /v1/periods": { request: ClosePeriod; reply: PeriodState; refusals: "period-not-over" | "period-closed" | "sessions-uncounted" | "region-too-wide" | "period-exists" };
  "POST /v1/sessions/{session_id}/close": { request: CloseSession; reply: SessionState; refusals: "unknown-session" | "session-cancelled" | "session-not-started" | "children-inside" };
  "POST /v1/sessions/{session_id}/corrections": { request: CorrectAttendance; reply: CorrectionState; refusals: "unknown-session" | "session-not-counted" | "correction-exists" | "nothing-to-correct" | "evidence-missing" | "unknown-person" | "unknown-attendance" | "already-counted" };
  "POST /v1/feeds": { request: CreateFeed; reply: CalendarState; refusals: "feed-exists" | "unknown-site" | "unknown-person" };
  "POST /v1/programmes": { request: CreateProgramme; reply: ProgrammeState; refusals: "programme-exists" | "unknown-programme" };
  "POST /v1/standing-appeals/{appeal_id}/decide": { request: DecideAppeal; reply: StandingState; refusals: "unknown-appeal" | "appeal-decided" | "own-appeal" };
  "POST /v1/sessions/{session_id}/headcounts": { request: DeclareHeadcount; reply: HeadcountState; refusals: "unknown-session" | "session-cancelled" | "session-not-started" | "attendance-closed" | "headcount-exists" | "evidence-missing" };
  "POST /v1/offer-links/{enrolment_id}/decline": { request: DeclineByLink; reply: EnrolmentState; refusals: "unknown-enrolment" | "no-offer" };
  "POST /v1/enrolments/{enrolment_id}/decline": { request: DeclineOffer; reply: EnrolmentState; refusals: "unknown-enrolment" | "no-offer" };
  "POST /v1/course-passes/{pass_id}/end": { request: EndCoursePass; reply: CoursePassState; refusals: "unknown-course-pass" | "course-pass-ended" };
  "POST /v1/pick-ups/{pick_up_id}/end": { request: EndPickUp; reply: PickUpState; refusals: "unknown-pick-up" | "not-the-guardian" | "pick-up-ended" };
  "POST /v1/sessions/{session_id}/enrolments": { request: Enrol; reply: EnrolmentState; refusals: "unknown-session" | "window-closed" | "session-cancelled" | "already-enrolled" | "unknown-person" | "not-eligible" | "guardian-consent-missing" | "person-restricted" | "family-too-large" | "queue-closed" | "enrolment-exists" | "not-yet" | "outside-area" | "household-not-served" | "suspended" | "no-seats-left" };
  "POST /v1/sessions/{session_id}/feedback": { request: GiveFeedback; reply: Done; refusals: "unknown-session" | "session-not-counted" | "not-attended" | "feedback-given" | "feedback-exists" | "question-twice" };
  "POST /v1/children/{child_id}/health-notes": { request: GiveHealthNote; reply: HealthNoteState; refusals: "health-note-exists" | "unknown-person" | "unknown-site" | "not-a-child" | "not-the-guardian" | "date-wrong" };
  "POST /v1/sessions/{session_id}/hand-overs": { request: HandOver; reply: HandOverState; refusals: "unknown-session" | "session-cancelled" | "attendance-closed" | "hand-over-exists" | "unknown-person" | "not-inside" | "already-left" | "not-authorised" | "second-check-needed" | "clock-skew" };
  "POST /v1/course-passes": { request: IssueCoursePass; reply: CoursePassState; refusals: "course-pass-exists" | "unknown-person" | "person-restricted" | "unknown-site" | "site-closed" | "unknown-course" | "date-wrong" | "free-of-charge" | "evidence-missing" };
  "POST /v1/sessions/{session_id}/excuses": { request: MarkExcused; reply: PresenceState; refusals: "unknown-session" | "session-cancelled" | "attendance-closed" | "not-enrolled" | "already-inside" };
  "POST /v1/sessions/{session_id}/move": { request: MoveSession; reply: SessionState; refusals: "unknown-session" | "session-cancelled" | "session-over" | "other-region" | "terms-conflict" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" };
  "POST /v1/templates/{template_id}/sessions": { request: PlanFromTemplate; reply: SessionState; refusals: "unknown-template" | "session-exists" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" };
  "POST /v1/series/rule/preview": { request: PreviewSeriesRule; reply: SeriesChange; refusals: "unknown-series" | "series-cancelled" | "unknown-session" | "nothing-to-amend" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" | "calendar-unknown" | "term-unknown" | "terms-conflict" };
  "POST /v1/series/preview": { request: PreviewSeries; reply: SeriesPreview; refusals: "unknown-site" | "times-reversed" | "calendar-unknown" | "term-unknown" | "terms-conflict" };
  "POST /v1/sessions/{session_id}/publish": { request: PublishSession; reply: SessionState; refusals: "unknown-session" | "session-cancelled" | "starts-in-past" | "site-closed" | "site-closed-then" | "join-link-needed" | "terms-conflict" };
  "POST /v1/enrolments/{enrolment_id}/reconfirm": { request: ReconfirmEnrolment; reply: EnrolmentState; refusals: "unknown-enrolment" | "nothing-to-reconfirm" };
  "POST /v1/sessions/{session_id}/attendance": { request: RecordAttendance; reply: AttendanceState; refusals: "unknown-session" | "session-cancelled" | "session-blocked" | "unknown-code" | "code-stale" | "evidence-missing" | "method-not-possible" | "dwell-too-short" | "not-enrolled" | "wrong-session" | "no-walk-in-seat" | "unknown-person" | "not-eligible" | "guardian-consent-missing" | "already-inside" | "not-inside" | "hand-over-needed" | "too-early" | "check-in-over" | "attendance-closed" | "clock-skew" | "pass-missing" | "pass-empty" | "pass-expired" };
  "POST /v1/sessions/{session_id}/report": { request: RecordSessionReport; reply: Done; refusals: "unknown-session" | "session-not-counted" | "report-exists" };
  "POST /v1/visits": { request: RecordVisit; reply: VisitState; refusals: "visit-exists" | "visit-ahead" | "household-missing" | "note-without-household" | "unknown-person" | "person-restricted" | "unknown-programme" | "follow-up-exists" | "date-wrong" };
  "POST /v1/enrolments/{enrolment_id}/refuse": { request: RefuseEnrolment; reply: EnrolmentState; refusals: "unknown-enrolment" | "nothing-to-approve" | "own-enrolment" };
  "POST /v1/attendance-certificates": { request: RequestAttendanceCertificate; reply: Done; refusals: "no-attendance" | "certificate-requested" | "period-reversed" };
  "POST /v1/attendance/{attendance_id}/revert": { request: RevertAttendance; reply: AttendanceState; refusals: "unknown-attendance" | "attendance-closed" | "already-reverted" };
  "POST /v1/feeds/{feed_id}/revoke": { request: RevokeFeed; reply: CalendarState; refusals: "unknown-feed" };
  "POST /v1/templates": { request: SaveTemplate; reply: TemplateState; refusals: "unknown-session" | "template-exists" };
  "POST /v1/series": { request: ScheduleSeries; reply: SeriesState; refusals: "series-exists" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" | "calendar-unknown" | "term-unknown" | "terms-conflict" };
  "POST /v1/sessions": { request: ScheduleSession; reply: SessionState; refusals: "session-exists" | "unknown-site" | "site-closed" | "site-closed-then" | "unknown-room" | "unknown-programme" | "outside-opening-hours" | "room-taken" | "room-too-small" | "times-reversed" | "starts-in-past" | "permit-needed" | "join-link-needed" | "terms-conflict" };
  "POST /v1/programmes/{programme_id}/care": { request: SetCare; reply: CareState; refusals: "unknown-programme" };
  "POST /v1/sessions/{session_id}/lecture": { request: SetLecture; reply: LectureState; refusals: "unknown-session" | "session-cancelled" | "unknown-person" | "speaker-missing" };
  "POST /v1/courses/{course_id}/pass-rule": { request: SetPassRule; reply: PassRuleState; refusals: "unknown-course" };
  "PUT /v1/sessions/{session_id}/terms": { request: SetTerms; reply: TermsState; refusals: "unknown-session" | "session-cancelled" | "session-over" | "terms-conflict" | "terms-in-use" };
  "POST /v1/term-plans/{upload_id}/undo": { request: UndoPlan; reply: PlanReview; refusals: "unknown-upload" | "upload-not-applied" | "plan-used" | "room-taken" };
  "POST /v1/term-plans": { request: UploadPlan; reply: PlanReview; refusals: "upload-exists" | "sheet-unreadable" | "sheet-too-long" | "column-missing" | "cell-unreadable" | "cell-empty" | "row-repeated" | "name-unknown" | "name-ambiguous" | "session-changed" };
  "POST /v1/scan-uploads": { request: UploadScans; reply: UploadSummary; refusals: "unknown-session" | "session-cancelled" | "session-blocked" | "unknown-code" | "code-stale" | "evidence-missing" | "method-not-possible" | "dwell-too-short" | "not-enrolled" | "wrong-session" | "no-walk-in-seat" | "unknown-person" | "not-eligible" | "guardian-consent-missing" | "already-inside" | "not-inside" | "hand-over-needed" | "too-early" | "check-in-over" | "attendance-closed" | "clock-skew" | "pass-missing" | "pass-empty" | "pass-expired" };
  "POST /v1/closings/{closing_id}/withdraw": { request: WithdrawClosing; reply: ClosingState; refusals: "unknown-closing" };
  "POST /v1/enrolments/{enrolment_id}/withdraw": { request: WithdrawEnrolment; reply: EnrolmentState; refusals: "unknown-enrolment" | "enrolment-ended" | "window-closed" };
  "POST /v1/health-notes/{note_id}/withdraw": { request: WithdrawHealthNote; reply: HealthNoteState; refusals: "unknown-health-note" | "not-the-guardian" };
  "POST /v1/stints/{stint_id}/approve": { request: ApproveHours; reply: LedgerEntry; refusals: "unknown-stint" | "stint-not-closed" | "already-credited" | "stint-rejected" | "same-person" | "daily-cap-exceeded" };
  "POST /v1/shifts/{shift_id}/stints": { request: CheckInVolunteer; reply: StintState; refusals: "unknown-shift" | "not-assigned" | "already-open" | "stint-overlaps" | "too-early" | "shift-over" | "stint-exists" };
  "POST /v1/stints/{stint_id}/close": { request: CheckOutVolunteer; reply: StintState; refusals: "unknown-stint" | "stint-closed" | "times-reversed" };
  "POST /v1/volunteers/{volunteer_id}/certificates": { request: IssueCertificate; reply: CertificateState; refusals: "unknown-volunteer" | "no-hours" | "stints-pending" | "certificate-exists" | "same-person" };
  "POST /v1/teams/{team_id}/shifts": { request: OpenShift; reply: ShiftState; refusals: "unknown-team" | "unknown-session" | "shift-exists" | "times-reversed" };
  "POST /v1/volunteers/{volunteer_id}/clearances": { request: RecordClearance; reply: ClearanceState; refusals: "unknown-volunteer" | "volunteer-withdrawn" | "clearance-exists" | "clearance-times-wrong" | "clears-oneself" };
  "POST /v1/teams": { request: RegisterTeam; reply: TeamState; refusals: "team-exists" | "unknown-site" | "site-closed" };
  "POST /v1/teams/{team_id}/volunteers": { request: RegisterVolunteer; reply: VolunteerState; refusals: "unknown-team" | "unknown-person" | "already-volunteer" | "person-restricted" | "guardian-consent-missing" | "volunteer-exists" };
  "POST /v1/stints/{stint_id}/reject": { request: RejectStint; reply: StintState; refusals: "unknown-stint" | "stint-not-closed" | "already-credited" | "stint-rejected" | "same-person" };
  "POST /v1/assignments/{assignment_id}/release": { request: ReleaseAssignment; reply: AssignmentState; refusals: "unknown-assignment" | "assignment-released" | "already-open" | "shift-over" };
  "POST /v1/hours/{reverses}/reverse": { request: ReverseHours; reply: LedgerEntry; refusals: "unknown-entry" | "already-reversed" | "same-person" };
  "POST /v1/shifts/{shift_id}/assignments": { request: TakeShift; reply: AssignmentState; refusals: "unknown-shift" | "unknown-volunteer" | "volunteer-withdrawn" | "shift-filled" | "person-restricted" | "shift-over" | "overlaps" | "already-assigned" | "risk-not-acknowledged" };
  "POST /v1/clearances/{clearance_id}/withdraw": { request: WithdrawClearance; reply: ClearanceState; refusals: "unknown-clearance" | "clearance-ended" | "clears-oneself" };
  "POST /v1/people/{person_id}/inbox/{notice_id}/seen": { request: MarkSeen; reply: Done; refusals: "unknown-notice" };
  "POST /v1/webhook-endpoints": { request: RegisterEndpoint; reply: EndpointState; refusals: "endpoint-exists" | "address-not-allowed" };
  "DELETE /v1/webhook-endpoints/{endpoint_id}": { request: RemoveEndpoint; reply: Done; refusals: "unknown-endpoint" };
  "POST /v1/webhook-endpoints/{endpoint_id}/secret": { request: RotateEndpointSecret; reply: EndpointSecret; refusals: "unknown-endpoint" };
  "GET /v1/clients/{client_id}/keys/{key_name}": { request: ConfirmClient; reply: ClientState; refusals: "client-key-ended" };
  "GET /v1/people/{person_id}/copy": { request: ExportPerson; reply: PersonCopy; refusals: "unknown-person" | "request-needed" };
  "GET /v1/divisions/find": { request: FindDivision; reply: PlaceMatches; refusals: "division-code-unknown" };
  "GET /v1/contacts": { request: GetContacts; reply: Contacts; refusals: never };
  "GET /v1/divisions/{code}": { request: GetDivision; reply: DivisionState; refusals: "division-code-unknown" };
  "GET /v1/people/{person_id}": { request: GetPerson; reply: PersonRecord; refusals: "unknown-person" | "approval-needed" };
  "GET /v1/privacy-notices/{purpose}": { request: GetPrivacyNotice; reply: PrivacyNotice; refusals: "unknown-privacy-notice" };
  "GET /v1/sealing-keys": { request: GetSealingKeys; reply: SealingKeys; refusals: never };
  "GET /v1/consents/to-renew": { request: ListConsentsToRenew; reply: ConsentsToRenew; refusals: never };
  "GET /v1/units/{unit_id}/officers": { request: ListOfficers; reply: Officers; refusals: "unknown-unit" };
  "GET /v1/person-requests": { request: ListPersonRequests; reply: PersonRequests; refusals: never };
  "GET /v1/record-accesses": { request: ListRecordAccesses; reply: RecordAccesses; refusals: never };
  "GET /v1/people/{person_id}/accesses/registry": { request: ListRegistryAccesses; reply: AccessLog; refusals: never };
  "GET /v1/sites": { request: ListSites; reply: SiteList; refusals: never };
  "GET /v1/units": { request: ListUnits; reply: UnitList; refusals: never };
  "GET /v1/clients/{client_id}/secrets/{secret_hash}": { request: ResolveClient; reply: ClientState; refusals: "wrong-credentials" };
  "GET /v1/logins/{token_hash}": { request: ResolveLogin; reply: Login; refusals: "login-ended" };
  "GET /v1/me": { request: WhoAmI; reply: Me; refusals: "unknown-account" };
  "GET /v1/sessions/{session_id}/eligibility": { request: CheckEligibility; reply: Eligibility; refusals: "unknown-session" };
  "GET /v1/counts": { request: CountActivities; reply: Counts; refusals: never };
  "GET /v1/visits/counts": { request: CountVisits; reply: VisitCounts; refusals: never };
  "GET /v1/sessions/{session_id}/queue": { request: ExplainQueue; reply: QueueLog; refusals: "unknown-session" };
  "GET /v1/counts/{count_id}": { request: GetCount; reply: CountHistory; refusals: "unknown-count" };
  "GET /v1/course-passes/{pass_id}": { request: GetCoursePass; reply: CoursePassUses; refusals: "unknown-course-pass" };
  "GET /v1/sessions/{session_id}/door": { request: GetDoor; reply: Door; refusals: "unknown-session" };
  "GET /v1/sessions/{session_id}/draw/record": { request: GetDrawRecord; reply: DrawState; refusals: "unknown-session" | "no-draw" };
  "GET /v1/sessions/{session_id}/draw": { request: GetDraw; reply: DrawState; refusals: "unknown-session" | "no-draw" };
  "GET /v1/enrolments/{enrolment_id}": { request: GetEnrolment; reply: EnrolmentState; refusals: "unknown-enrolment" };
  "GET /v1/sessions/{session_id}/feedback": { request: GetFeedback; reply: FeedbackResults; refusals: "unknown-session" | "session-not-counted" };
  "GET /v1/sessions/{session_id}/gate": { request: GetGate; reply: GateState; refusals: "unknown-session" | "not-in-care" };
  "GET /v1/sessions/{session_id}/join-link": { request: GetJoinLink; reply: JoinLink; refusals: "unknown-session" };
  "GET /v1/sessions/{session_id}/lecture": { request: GetLecture; reply: LectureState; refusals: "unknown-session" | "no-lecture" };
  "GET /v1/enrolments/{enrolment_id}/passes": { request: GetPasses; reply: Passes; refusals: "unknown-enrolment" | "enrolment-ended" | "no-seat-yet" };
  "GET /v1/term-plans/{upload_id}": { request: GetPlan; reply: PlanReview; refusals: "unknown-upload" };
  "GET /v1/series/{series_id}/public": { request: GetPublicSeries; reply: PublicSeries; refusals: "unknown-series" };
  "GET /v1/sessions/{session_id}/public": { request: GetPublicSession; reply: PublicSession; refusals: "unknown-session" };
  "GET /v1/sessions/{session_id}/roster": { request: GetRoster; reply: Roster; refusals: "unknown-session" };
  "GET /v1/series/{series_id}": { request: GetSeries; reply: SeriesRule; refusals: "unknown-series" };
  "GET /v1/sessions/{session_id}/report": { request: GetSessionReport; reply: SessionReport; refusals: "unknown-session" | "session-not-counted" };
  "GET /v1/sessions/{session_id}": { request: GetSession; reply: SessionState; refusals: "unknown-session" };
  "GET /v1/people/{person_id}/standing": { request: GetStanding; reply: StandingList; refusals: never };
  "GET /v1/statistics": { request: GetStatistics; reply: Statistics; refusals: "region-too-wide" | "one-topic-only" | "too-many-cells" };
  "GET /v1/sessions/{session_id}/terms": { request: GetTerms; reply: TermsState; refusals: "unknown-session" };
  "GET /v1/calendar/years/{year}": { request: GetYear; reply: YearCalendar; refusals: never };
  "GET /v1/people/{person_id}/held/activities": { request: HeldByActivities; reply: Holdings; refusals: never };
  "GET /v1/people/{person_id}/accesses/activities": { request: ListActivitiesAccesses; reply: AccessLog; refusals: never };
  "GET /v1/cadence": { request: ListCadence; reply: CadenceList; refusals: never };
  "GET /v1/calendar/months/{month}": { request: ListCalendar; reply: MonthCalendar; refusals: never };
  "GET /v1/sites/{site_id}/closings": { request: ListClosings; reply: ClosingList; refusals: never };
  "GET /v1/counts/{count_id}/facts": { request: ListCountFacts; reply: CountFacts; refusals: "unknown-count" };
  "GET /v1/statistics/sessions": { request: ListCountedSessions; reply: CountedSessions; refusals: "region-too-wide" | "one-topic-only" };
  "GET /v1/regions/{region}/counts/{period}": { request: ListCounts; reply: CertifiedCounts; refusals: "period-open" | "too-many-cells" };
  "GET /v1/people/{person_id}/course-passes": { request: ListCoursePasses; reply: CoursePassList; refusals: never };
  "GET /v1/drafts": { request: ListDrafts; reply: DraftList; refusals: never };
  "GET /v1/follow-ups": { request: ListFollowUps; reply: FollowUpList; refusals: never };
  "GET /v1/sessions/{session_id}/children/{child_id}/pick-ups": { request: ListPickUps; reply: PickUps; refusals: "unknown-session" | "unknown-person" };
  "GET /v1/programmes": { request: ListProgrammes; reply: ProgrammeList; refusals: never };
  "GET /v1/series-changes": { request: ListSeriesChanges; reply: SeriesChanges; refusals: never };
  "GET /v1/session-changes": { request: ListSessionChanges; reply: SessionChanges; refusals: never };
  "GET /v1/sessions": { request: ListSessions; reply: SessionList; refusals: never };
  "GET /v1/statistics/facts": { request: ListStatisticsFacts; reply: CountFacts; refusals: "region-too-wide" | "one-topic-only" };
  "GET /v1/templates": { request: ListTemplates; reply: TemplateList; refusals: never };
  "GET /v1/visits": { request: ListVisits; reply: VisitList; refusals: never };
  "GET /v1/people/{person_id}/withdrawal-effects": { request: ListWithdrawalEffects; reply: WithdrawalEffects; refusals: never };
  "GET /v1/feeds/{token_hash}": { request: ReadFeed; reply: Calendar; refusals: "unknown-feed" };
  "GET /v1/sessions/{session_id}/health-notes": { request: ReadHealthNotes; reply: HealthNotes; refusals: "unknown-session" | "session-cancelled" | "not-today" | "not-on-duty" };
  "GET /v1/visits/{visit_id}/note": { request: ReadVisitNote; reply: VisitNote; refusals: "unknown-visit" | "no-note" | "not-involved" };
  "GET /v1/sessions/{session_id}/on-site-code": { request: ShowOnSiteCode; reply: OnSiteCode; refusals: "unknown-session" | "session-cancelled" | "attendance-closed" };
  "GET /v1/attendance-certificates/{attendance_certificate_id}": { request: GetAttendanceCertificate; reply: AttendanceCertificate; refusals: "unknown-certificate" };
  "GET /v1/volunteers/{volunteer_id}/hours": { request: GetHours; reply: VolunteerHours; refusals: "unknown-volunteer" };
  "GET /v1/people/{person_id}/held/volunteers": { request: HeldByVolunteers; reply: Holdings; refusals: never };
  "GET /v1/stints/to-approve": { request: ListStintsToApprove; reply: PendingStints; refusals: never };
  "GET /v1/people/{person_id}/volunteering-effects": { request: ListVolunteeringEffects; reply: VolunteeringEffects; refusals: never };
  "GET /v1/people/{person_id}/accesses/volunteers": { request: ListVolunteersAccesses; reply: AccessLog; refusals: never };
  "GET /v1/hours": { request: SumMinutes; reply: MinutesTotal; refusals: never };
  "GET /v1/certificates/{certificate_no}/verify": { request: VerifyCertificate; reply: Verification; refusals: "unknown-certificate" };
  "GET /v1/notices/counts": { request: CountNotices; reply: NoticeCounts; refusals: never };
  "GET /v1/people/{person_id}/inbox": { request: GetInbox; reply: Inbox; refusals: never };
  "GET /v1/people/{person_id}/held/notify": { request: HeldByNotify; reply: Holdings; refusals: never };
  "GET /v1/webhook-endpoints": { request: ListEndpoints; reply: EndpointList; refusals: never };
  "GET /v1/people/{person_id}/accesses/notify": { request: ListNotifyAccesses; reply: AccessLog; refusals: never };
  "GET /v1/sessions/{session_id}/told": { request: ListTold; reply: ToldList; refusals: never };
}

/** Every reason code. */
export type RefusalCode =
  | "access-decided"
  | "access-reviewed"
  | "account-exists"
  | "account-locked"
  | "address-not-allowed"
  | "already-assigned"
  | "already-counted"
  | "already-credited"
  | "already-decided"
  | "already-enrolled"
  | "already-holder"
  | "already-inside"
  | "already-left"
  | "already-open"
  | "already-reversed"
  | "already-reverted"
  | "already-volunteer"
  | "answer-offer-first"
  | "appeal-decided"
  | "appeal-exists"
  | "appeal-open"
  | "appointment-ended"
  | "appointment-overlaps"
  | "approval-needed"
  | "approval-not-needed"
  | "assignment-released"
  | "attendance-closed"
  | "batch-too-large"
  | "calendar-unknown"
  | "cell-empty"
  | "cell-unreadable"
  | "centre-exists"
  | "certificate-exists"
  | "certificate-requested"
  | "check-in-over"
  | "children-inside"
  | "clearance-ended"
  | "clearance-exists"
  | "clearance-times-wrong"
  | "clears-oneself"
  | "client-exists"
  | "client-key-ended"
  | "client-revoked"
  | "clock-skew"
  | "closing-exists"
  | "code-stale"
  | "column-missing"
  | "command-id-reused"
  | "consent-missing"
  | "correction-exists"
  | "course-pass-ended"
  | "course-pass-exists"
  | "daily-cap-exceeded"
  | "date-wrong"
  | "deadline-expired"
  | "delegation-exists"
  | "division-code-unknown"
  | "division-repeated"
  | "duties-conflict"
  | "dwell-too-short"
  | "endpoint-exists"
  | "ends-before-start"
  | "enrolment-ended"
  | "enrolment-exists"
  | "evidence-missing"
  | "evidence-needed"
  | "expiry-passed"
  | "family-too-large"
  | "feed-exists"
  | "feedback-exists"
  | "feedback-given"
  | "follow-up-closed"
  | "follow-up-exists"
  | "free-of-charge"
  | "guardian-consent-missing"
  | "guardian-is-minor"
  | "guardian-needed"
  | "hand-over-exists"
  | "hand-over-needed"
  | "has-wards"
  | "headcount-exists"
  | "health-note-exists"
  | "holds-office"
  | "hours-reversed"
  | "household-missing"
  | "household-not-served"
  | "id-number-not-accepted"
  | "id-taken"
  | "identity-taken"
  | "internal-error"
  | "invalid-json"
  | "invalid-message"
  | "join-link-needed"
  | "level-mismatch"
  | "login-ended"
  | "login-taken"
  | "message-too-large"
  | "method-not-possible"
  | "name-ambiguous"
  | "name-unknown"
  | "no-attendance"
  | "no-draw"
  | "no-hours"
  | "no-lecture"
  | "no-note"
  | "no-offer"
  | "no-office"
  | "no-seat-yet"
  | "no-seats-left"
  | "no-walk-in-seat"
  | "not-a-child"
  | "not-assigned"
  | "not-attended"
  | "not-authorised"
  | "not-eligible"
  | "not-enrolled"
  | "not-entitled"
  | "not-guardian"
  | "not-in-care"
  | "not-inside"
  | "not-involved"
  | "not-on-duty"
  | "not-permitted"
  | "not-restricted"
  | "not-suspended"
  | "not-the-guardian"
  | "not-today"
  | "not-yet"
  | "note-without-household"
  | "nothing-to-amend"
  | "nothing-to-approve"
  | "nothing-to-correct"
  | "nothing-to-reconfirm"
  | "nothing-to-review"
  | "notice-outdated"
  | "offer-lapsed"
  | "one-topic-only"
  | "other-region"
  | "outside-area"
  | "outside-opening-hours"
  | "overlaps"
  | "own-appeal"
  | "own-enrolment"
  | "own-request"
  | "own-witness"
  | "parent-unknown"
  | "pass-empty"
  | "pass-expired"
  | "pass-missing"
  | "password-too-weak"
  | "period-closed"
  | "period-exists"
  | "period-not-over"
  | "period-open"
  | "period-reversed"
  | "permit-needed"
  | "person-exists"
  | "person-request-answered"
  | "person-request-exists"
  | "person-request-open"
  | "person-restricted"
  | "pick-up-ended"
  | "pick-up-exists"
  | "plan-used"
  | "privacy-notice-exists"
  | "programme-exists"
  | "question-twice"
  | "queue-closed"
  | "reason-needed"
  | "received-wrong"
  | "record-access-exists"
  | "region-too-wide"
  | "report-exists"
  | "request-lapsed"
  | "request-needed"
  | "risk-not-acknowledged"
  | "room-exists"
  | "room-taken"
  | "room-too-small"
  | "row-repeated"
  | "row-unreadable"
  | "same-person"
  | "seats-in-use"
  | "seats-promised"
  | "second-check-needed"
  | "series-cancelled"
  | "series-exists"
  | "session-blocked"
  | "session-cancelled"
  | "session-changed"
  | "session-exists"
  | "session-not-counted"
  | "session-not-started"
  | "session-over"
  | "sessions-uncounted"
  | "sheet-too-long"
  | "sheet-unreadable"
  | "shift-exists"
  | "shift-filled"
  | "shift-over"
  | "site-closed"
  | "site-closed-then"
  | "site-exists"
  | "speaker-missing"
  | "starts-in-past"
  | "stint-closed"
  | "stint-exists"
  | "stint-not-closed"
  | "stint-overlaps"
  | "stint-rejected"
  | "stints-pending"
  | "suspended"
  | "team-exists"
  | "template-exists"
  | "term-exists"
  | "term-overlaps"
  | "term-unknown"
  | "terms-conflict"
  | "terms-in-use"
  | "times-reversed"
  | "too-early"
  | "too-many-cells"
  | "too-many-requests"
  | "too-young-to-fetch"
  | "unauthenticated"
  | "unavailable"
  | "under-legal-hold"
  | "unit-exists"
  | "unknown-account"
  | "unknown-appeal"
  | "unknown-appointment"
  | "unknown-assignment"
  | "unknown-attendance"
  | "unknown-centre"
  | "unknown-certificate"
  | "unknown-clearance"
  | "unknown-client"
  | "unknown-closing"
  | "unknown-code"
  | "unknown-count"
  | "unknown-course"
  | "unknown-course-pass"
  | "unknown-delegation"
  | "unknown-endpoint"
  | "unknown-enrolment"
  | "unknown-entry"
  | "unknown-feed"
  | "unknown-follow-up"
  | "unknown-health-note"
  | "unknown-notice"
  | "unknown-operation"
  | "unknown-person"
  | "unknown-person-request"
  | "unknown-pick-up"
  | "unknown-privacy-notice"
  | "unknown-programme"
  | "unknown-record-access"
  | "unknown-room"
  | "unknown-series"
  | "unknown-session"
  | "unknown-shift"
  | "unknown-site"
  | "unknown-standing"
  | "unknown-stint"
  | "unknown-team"
  | "unknown-template"
  | "unknown-unit"
  | "unknown-upload"
  | "unknown-visit"
  | "unknown-volunteer"
  | "upload-applied"
  | "upload-exists"
  | "upload-not-applied"
  | "visit-ahead"
  | "visit-exists"
  | "volunteer-exists"
  | "volunteer-withdrawn"
  | "window-closed"
  | "wrong-credentials"
  | "wrong-session";
