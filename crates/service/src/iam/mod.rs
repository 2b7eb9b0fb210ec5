//! Users with their access keys, roles, and the policies on both.

mod access_keys;
mod attachments;
mod changes;
mod identities;
mod policies;
mod policy_holders;
mod roles;
mod usage;
mod users;

pub use access_keys::{
    KEYS_PER_USER_MAX, ROTATED_KEY_MS, access_key, create_access_key, delete_access_key, list_access_keys,
    rotate_access_key, set_access_key_active,
};
pub use attachments::attach;
pub use identities::{Directory, Identities, KnownKey, PolicyBearer};
pub use policies::{
    NewPolicy, attachment_counts, create_policy, delete_policy, list_managed_policies, list_policies, policy,
};
pub use policy_holders::{PolicyHolder, delete_inline, detach, inline, put_inline, retag};
pub use roles::{NewRole, create_role, delete_role, list_roles, role, set_trust_policy, update_role};
pub use usage::{add_key_usage, key_usage, key_usages};
pub use users::{NewUser, create_user, delete_user, list_users, user};
