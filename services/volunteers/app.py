"""volunteers as a process: settings and capabilities, nothing else."""

from services.chassis.app import ServiceApp
from services.chassis.settings import Settings
from services.volunteers import volunteers
from services.volunteers.certificates import attendance
from services.volunteers.certificates import handlers as certificates
from services.volunteers.clearances import handlers as clearances
from services.volunteers.consents import handlers as consents
from services.volunteers.hours import handlers as hours
from services.volunteers.replicas import handlers as replicas
from services.volunteers.rights import handlers as rights
from services.volunteers.roster import handlers as roster
from services.volunteers.shifts import handlers as shifts
from services.volunteers.stints import handlers as stints
from services.volunteers.teams import handlers as teams


def build_app(settings: Settings) -> ServiceApp:
    return ServiceApp(
        volunteers,
        settings,
        capabilities=[
            teams,
            roster,
            clearances,
            shifts,
            stints,
            hours,
            certificates,
            attendance,
            replicas,
            consents,
            rights,
        ],
    )


if __name__ == "__main__":
    build_app(Settings()).serve()
