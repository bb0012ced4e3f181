"""Protection: the one decision on how hard it is to lose data."""

import enum

import pulumi


class Protection(str, enum.Enum):
    """How an environment's data is guarded.

    PRODUCTION: Pulumi refuses to delete or replace what holds data, the provider's own deletion
    protection is on, and what is not empty cannot be deleted. DISPOSABLE: one `pulumi destroy`
    leaves nothing behind.
    """

    PRODUCTION = "production"
    DISPOSABLE = "disposable"

    @property
    def guarded(self) -> bool:
        """Whether deletion is refused."""
        return self is Protection.PRODUCTION

    def data(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options for what holds data, and for the settings without which that data is exposed.

        A bucket that stays must not lose its policy or encryption when the rest is destroyed.
        """
        return pulumi.ResourceOptions(parent=parent, protect=self.guarded)

    def made_once(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options for seeds and generated secrets: not even an unprotected delete removes them.

        Retain-on-delete skips the provider's delete, so it is right only where no farewell, such as
        a final snapshot, is expected of the provider.
        """
        return pulumi.ResourceOptions(parent=parent, protect=self.guarded, retain_on_delete=True)
