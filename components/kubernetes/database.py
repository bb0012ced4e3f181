"""The product's own role and database on a PostgreSQL server, made by a Job in the cluster."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes

_MOUNT = "/database"
_CA_FILE = "ca.crt"
_SCRIPTS: Mapping[str, str] = {
    "run.sh": "database.sh",
    "server.sql": "database_server.sql",
    "inside.sql": "database_inside.sql",
    "check.sql": "database_check.sql",
}
_ADMIN_KEY, _ROLE_KEY = "adminPassword", "rolePassword"
_NOBODY = 65534  # in Alpine and Debian alike
_RESERVED = ("postgres", "template0", "template1")
# An attempt waits up to 4 minutes for the server; a wrong password fails the Job within 3 minutes.
_RETRIES = 4
_DEADLINE_SECONDS = 15 * 60
# Longer than the Job's own deadline, so that the Job says what went wrong.
_PULUMI_TIMEOUT = "20m"


@dataclass(frozen=True, kw_only=True)
class ApplicationDatabaseArgs:
    """A server, its administrator, and what is to be on it.

    `admin_username` needs no more than LOGIN, CREATEDB and CREATEROLE. `password`: that of `role`; one
    line. `major_version`: the server's, for a client of the same. `ca_certificates`: PEM, any number;
    for `verify-ca` and `verify-full` and only for them. `revision`: the Job runs again when this text
    changes; it must change with the server and with the passwords, and holds nothing secret. `after`: what
    must be there before pods run.
    """

    host: pulumi.Input[str]
    port: int
    database: str
    role: str
    admin_username: str
    admin_password: pulumi.Input[str]
    password: pulumi.Input[str]
    namespace: pulumi.Input[str]
    major_version: int
    ssl_mode: Literal["require", "verify-ca", "verify-full"]
    revision: str
    ca_certificates: pulumi.Input[str] | None = None
    after: Sequence[pulumi.Resource] = ()


class ApplicationDatabase(pulumi.ComponentResource):
    """A login role, a database that it owns with pgcrypto in it, and no way in for others.

    The Job corrects what is there and deletes nothing; neither does removing it. When the owner's name
    changes, the new role gets the database and what the former owner made in it. Pulumi waits for the
    Job; `database` and `role` are told only once it is done.

    A Job's template cannot be changed, so each change replaces the Job. It keeps its name and the old one
    is deleted first, its pods before it: two never work at the same time, one with an old password.
    Passwords are in the Secret alone. psql hashes the role's before it sends it, so that statement logs
    have a SCRAM verifier at most (https://www.postgresql.org/docs/current/app-psql.html, \\password).

    Raises ValueError for a database that a server has by itself, for a role that is the administrator,
    and for CA certificates where `ssl_mode` does not go with them.
    """

    def __init__(
        self, name: str, args: ApplicationDatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:ApplicationDatabase", name, None, opts)
        _refuse(args)
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=args.namespace)
        mine = pulumi.ResourceOptions(parent=self)
        secret = kubernetes.core.v1.Secret(
            name,
            metadata=metadata,
            string_data={
                _ADMIN_KEY: pulumi.Output.secret(args.admin_password),
                _ROLE_KEY: pulumi.Output.secret(args.password),
            },
            opts=mine,
        )
        files = _files(args)
        scripts = kubernetes.core.v1.ConfigMap(name, metadata=metadata, data=files, opts=mine)
        self.job: kubernetes.batch.v1.Job = kubernetes.batch.v1.Job(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name,
                namespace=args.namespace,
                # A Job that failed would be waited for in vain for ever.
                annotations={"pulumi.com/replaceUnready": "true"},
            ),
            spec=kubernetes.batch.v1.JobSpecArgs(
                backoff_limit=_RETRIES,
                active_deadline_seconds=_DEADLINE_SECONDS,
                template=kubernetes.core.v1.PodTemplateSpecArgs(
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(
                        annotations={"revision": args.revision, "files": _digest(files)}
                    ),
                    spec=_pod(args, secret.metadata.name, scripts.metadata.name),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(
                    create=_PULUMI_TIMEOUT, update=_PULUMI_TIMEOUT
                ),
            ),
        )
        done = self.job.metadata.name
        self.database: pulumi.Output[str] = done.apply(lambda _: args.database)
        self.role: pulumi.Output[str] = done.apply(lambda _: args.role)
        self.register_outputs({"database": self.database, "role": self.role})


def _refuse(args: ApplicationDatabaseArgs) -> None:
    if args.database in _RESERVED:
        raise ValueError(f"{args.database} is not the product's to own; name another database")
    if args.role == args.admin_username:
        raise ValueError(f"{args.role} is the administrator; the product needs a role of its own")
    if (args.ssl_mode != "require") != (args.ca_certificates is not None):
        raise ValueError("CA certificates are for verify-ca and verify-full, which need them")


def _files(args: ApplicationDatabaseArgs) -> dict[str, pulumi.Input[str]]:
    folder = Path(__file__).parent
    files: dict[str, pulumi.Input[str]] = {
        name: (folder / source).read_text(encoding="utf-8") for name, source in _SCRIPTS.items()
    }
    if args.ca_certificates is not None:
        files[_CA_FILE] = args.ca_certificates
    return files


def _digest(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Of names and contents: without it a new script would come into a Job that does not run."""
    return pulumi.Output.all(**files).apply(
        lambda known: hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest()
    )


def _pod(
    args: ApplicationDatabaseArgs, secret: pulumi.Input[str], scripts: pulumi.Input[str]
) -> kubernetes.core.v1.PodSpecArgs:
    return kubernetes.core.v1.PodSpecArgs(
        # Each attempt leaves its pod, and with it the log that says why it failed.
        restart_policy="Never",
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=_NOBODY,
            run_as_group=_NOBODY,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[
            kubernetes.core.v1.ContainerArgs(
                name="psql",
                image=f"docker.io/library/postgres:{args.major_version}-alpine",
                command=["/bin/sh", f"{_MOUNT}/run.sh"],
                env=_environment(args, secret),
                volume_mounts=[
                    kubernetes.core.v1.VolumeMountArgs(
                        name="scripts", mount_path=_MOUNT, read_only=True
                    )
                ],
                resources=kubernetes.core.v1.ResourceRequirementsArgs(
                    requests={"cpu": "50m", "memory": "64Mi"},
                    limits={"cpu": "500m", "memory": "128Mi"},
                ),
                security_context=kubernetes.core.v1.SecurityContextArgs(
                    allow_privilege_escalation=False,
                    read_only_root_filesystem=True,
                    capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
                ),
            )
        ],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name="scripts",
                config_map=kubernetes.core.v1.ConfigMapVolumeSourceArgs(name=scripts),
            )
        ],
    )


def _environment(
    args: ApplicationDatabaseArgs, secret: pulumi.Input[str]
) -> list[kubernetes.core.v1.EnvVarArgs]:
    plain: dict[str, pulumi.Input[str]] = {
        "PGHOST": args.host,
        "PGPORT": str(args.port),
        "PGUSER": args.admin_username,
        "PGSSLMODE": args.ssl_mode,
        "PGCONNECT_TIMEOUT": "10",
        "DATABASE": args.database,
        "ROLE": args.role,
    }
    if args.ca_certificates is not None:
        plain["PGSSLROOTCERT"] = f"{_MOUNT}/{_CA_FILE}"
    return [
        *(kubernetes.core.v1.EnvVarArgs(name=name, value=plain[name]) for name in plain),
        _from_secret("PGPASSWORD", secret, _ADMIN_KEY),
        _from_secret("ROLE_PASSWORD", secret, _ROLE_KEY),
    ]


def _from_secret(name: str, secret: pulumi.Input[str], key: str) -> kubernetes.core.v1.EnvVarArgs:
    return kubernetes.core.v1.EnvVarArgs(
        name=name,
        value_from=kubernetes.core.v1.EnvVarSourceArgs(
            secret_key_ref=kubernetes.core.v1.SecretKeySelectorArgs(name=secret, key=key)
        ),
    )
