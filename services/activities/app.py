"""activities as a process: settings and capabilities, nothing else."""

from services.activities import activities, replicas
from services.activities.attendance import handlers as attendance
from services.activities.cadence import handlers as cadence
from services.activities.calendar import closings
from services.activities.calendar import handlers as calendar
from services.activities.consents import handlers as consents
from services.activities.counting import handlers as counting
from services.activities.counting import parts, periods, statistics
from services.activities.custody import alarm
from services.activities.custody import handlers as custody
from services.activities.door import handlers as door
from services.activities.draws import handlers as draws
from services.activities.enrolment import capacity, family, review
from services.activities.enrolment import handlers as enrolment
from services.activities.feedback import handlers as feedback
from services.activities.feeds import handlers as feeds
from services.activities.gates import handlers as gates
from services.activities.gates import replicas as duties
from services.activities.health_notes import earlier as earlier_notes
from services.activities.health_notes import handlers as health_notes
from services.activities.lectures import handlers as lectures
from services.activities.offers import handlers as offers
from services.activities.offers import moves
from services.activities.passes import handlers as passes
from services.activities.programmes import handlers as programmes
from services.activities.reports import certificates
from services.activities.reports import handlers as reports
from services.activities.rights import handlers as rights
from services.activities.series import amending, ruling
from services.activities.series import handlers as series
from services.activities.sessions import changing
from services.activities.sessions import handlers as sessions
from services.activities.standing import handlers as standing
from services.activities.templates import handlers as templates
from services.activities.term_plans import handlers as term_plans
from services.activities.visits import handlers as visits
from services.chassis.app import ServiceApp
from services.chassis.settings import Settings


def build_app(settings: Settings) -> ServiceApp:
    return ServiceApp(
        activities,
        settings,
        capabilities=[
            *(replicas, calendar, closings, programmes, sessions, changing),
            *(series, amending, ruling, templates, term_plans, cadence),
            *(enrolment, capacity, review, family, offers, moves, draws, standing),
            *(attendance, door, custody, alarm, duties, gates, health_notes, earlier_notes, passes, visits),
            *(counting, parts, periods, statistics, lectures, feedback, reports, feeds, certificates),
            *(consents, rights),
        ],
    )


if __name__ == "__main__":
    build_app(Settings()).serve()
