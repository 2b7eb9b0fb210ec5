//! Users, their keys and policies: quotas, what may be deleted, the end of a replaced key, and the directory that follows.

use super::World;
use crate::iam::{
    self, Identities, NewPolicy, NewRole, NewUser, ROTATED_KEY_MS, access_key, create_access_key, create_user,
    delete_access_key, delete_user, rotate_access_key, set_access_key_active,
};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tastemaker_domain::iam::policy::{Decision, Facts, Permissions, Question};
use tastemaker_domain::iam::{Role, User};
use tastemaker_domain::{Error, Result};

const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

async fn user(world: &World, name: &str) -> Result<User> {
    create_user(&world.ctx, NewUser { name: name.into(), path: "/".into(), tags: BTreeMap::new() }).await
}

async fn refreshed(world: &World, identities: &Identities) -> Result<()> {
    identities.refresh(&*world.ctx.stores.records).await
}

fn may(identities: &Identities, user: &str) -> bool {
    let directory = identities.directory();
    let identity = directory.users.get(user).map(|user| user.policies.clone()).unwrap_or_default();
    let facts = Facts::default();
    let question = Question { action: "personalize:ListSchemas", resource: "*", facts: &facts };
    Permissions { identity, session: None }.decide(&question) == Decision::Allowed
}

#[tokio::test]
async fn a_user_has_two_keys_and_goes_last() -> Result<()> {
    let world = World::new();
    let ctx = &world.ctx;
    let made = user(&world, "shop").await?;
    assert!(made.id.starts_with("AIDA") && made.arn.ends_with(":user/shop"), "{made:?}");
    assert!(matches!(user(&world, "SHOP").await, Err(Error::AlreadyExists(_))));
    let (first, second) = (create_access_key(ctx, "shop").await?, create_access_key(ctx, "shop").await?);
    assert!(first.id.starts_with("AKIA") && first.id.len() == 20 && first.secret.len() == 40);
    assert_ne!((&first.id, &first.secret), (&second.id, &second.secret));
    assert!(matches!(create_access_key(ctx, "shop").await, Err(Error::LimitExceeded(_))));
    assert!(matches!(create_access_key(ctx, "nobody").await, Err(Error::NotFound(_))));
    assert!(matches!(delete_user(ctx, "shop").await, Err(Error::InUse(_))));
    user(&world, "other").await?;
    assert!(matches!(delete_access_key(ctx, "other", &first.id).await, Err(Error::NotFound(_))), "of another user");
    for key in iam::list_access_keys(ctx, "shop").await? {
        delete_access_key(ctx, "shop", &key.id).await?;
    }
    iam::put_inline::<User>(ctx, "shop", "all", ALL).await?;
    assert!(matches!(delete_user(ctx, "shop").await, Err(Error::InUse(_))));
    iam::delete_inline::<User>(ctx, "shop", "all").await?;
    delete_user(ctx, "shop").await?;
    assert!(matches!(iam::user(ctx, "shop").await, Err(Error::NotFound(_))));
    Ok(())
}

#[tokio::test]
async fn a_replaced_key_holds_for_a_day() -> Result<()> {
    let world = World::new();
    let ctx = &world.ctx;
    let identities = Identities::new([("TMOWN".to_owned(), "own".to_owned())]);
    user(&world, "shop").await?;
    let old = create_access_key(ctx, "shop").await?;
    let fresh = rotate_access_key(ctx, &old.id).await?;
    assert!(matches!(rotate_access_key(ctx, &old.id).await, Err(Error::InvalidInput(_))), "twice");
    assert!(matches!(rotate_access_key(ctx, &fresh.id).await, Err(Error::LimitExceeded(_))), "a third key");
    refreshed(&world, &identities).await?;
    let known = |id: &str| identities.secret(id, world.now_ms.load(Ordering::SeqCst)).is_some();
    assert!(known(&old.id) && known(&fresh.id) && known("TMOWN"));
    world.now_ms.fetch_add(ROTATED_KEY_MS - 1, Ordering::SeqCst);
    assert!(known(&old.id), "a moment before");
    world.now_ms.fetch_add(1, Ordering::SeqCst);
    assert!(!known(&old.id) && known(&fresh.id) && known("TMOWN"));
    assert!(matches!(set_access_key_active(ctx, "shop", &old.id, true).await, Err(Error::InvalidInput(_))));
    let third = rotate_access_key(ctx, &fresh.id).await?;
    assert!(matches!(access_key(ctx, &old.id).await, Err(Error::NotFound(_))), "the ended key made room");
    assert_eq!(access_key(ctx, &third.id).await?.user, "shop");
    Ok(())
}

#[tokio::test]
async fn the_directory_follows_every_change() -> Result<()> {
    let world = World::new();
    let ctx = &world.ctx;
    let identities = Identities::new([("TMOWN".to_owned(), "own".to_owned())]);
    assert!(identities.is_own("TMOWN") && identities.own_key() == Some("TMOWN"));
    user(&world, "shop").await?;
    let key = create_access_key(ctx, "shop").await?;
    assert_eq!(identities.secret(&key.id, 0), None, "not read yet");
    refreshed(&world, &identities).await?;
    assert_eq!(identities.secret(&key.id, 0), Some(key.secret.clone()));
    assert!(!may(&identities, "shop"));

    iam::put_inline::<User>(ctx, "shop", "all", ALL).await?;
    refreshed(&world, &identities).await?;
    assert!(may(&identities, "shop"));
    iam::delete_inline::<User>(ctx, "shop", "all").await?;
    iam::attach::<User>(ctx, "shop", "arn:aws:iam::aws:policy/AmazonS3FullAccess").await?;
    refreshed(&world, &identities).await?;
    assert!(!may(&identities, "shop"));
    iam::attach::<User>(ctx, "shop", "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess").await?;
    refreshed(&world, &identities).await?;
    assert!(may(&identities, "shop"));

    set_access_key_active(ctx, "shop", &key.id, false).await?;
    refreshed(&world, &identities).await?;
    assert_eq!(identities.secret(&key.id, 0), None);
    set_access_key_active(ctx, "shop", &key.id, true).await?;
    refreshed(&world, &identities).await?;
    assert!(identities.secret(&key.id, 0).is_some());
    delete_access_key(ctx, "shop", &key.id).await?;
    refreshed(&world, &identities).await?;
    assert_eq!(identities.secret(&key.id, 0), None);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_denies_everything() -> Result<()> {
    let world = World::new();
    user(&world, "shop").await?;
    iam::put_inline::<User>(&world.ctx, "shop", "all", ALL).await?;
    // As an earlier build kept it, which looked at the form alone.
    iam::put_inline::<User>(&world.ctx, "shop", "odd", r#"{"Statement": {"Effect": "Deny", "Action": 3}}"#).await?;
    let identities = Identities::default();
    refreshed(&world, &identities).await?;
    assert!(!may(&identities, "shop"));
    Ok(())
}

#[tokio::test]
async fn policies_have_aws_quotas_and_stay_while_somebody_has_them() -> Result<()> {
    let world = World::new();
    let ctx = &world.ctx;
    user(&world, "shop").await?;
    let new = |name: &str, document: String| NewPolicy {
        name: name.into(),
        path: "/".into(),
        document,
        description: None,
        tags: BTreeMap::new(),
    };
    let long = format!("{ALL}{}", "x".repeat(6_144));
    assert!(matches!(iam::create_policy(ctx, new("long", long)).await, Err(Error::LimitExceeded(_))));
    assert!(iam::create_policy(ctx, new("spaced", format!("{ALL}{}", " ".repeat(7_000)))).await.is_ok());
    let policy = iam::create_policy(ctx, new("all", ALL.into())).await?;
    iam::attach::<User>(ctx, "shop", &policy.arn).await?;
    assert!(matches!(iam::delete_policy(ctx, &policy.arn).await, Err(Error::InUse(_))));
    assert_eq!(iam::policy(ctx, &policy.arn).await?.1, 1);
    for n in 1..10 {
        iam::attach::<User>(ctx, "shop", &format!("arn:aws:iam::aws:policy/P{n}")).await?;
    }
    let eleventh = iam::attach::<User>(ctx, "shop", "arn:aws:iam::aws:policy/P10").await;
    assert!(matches!(eleventh, Err(Error::LimitExceeded(_))));
    assert!(matches!(
        iam::put_inline::<User>(ctx, "shop", "i", &"x".repeat(2_049)).await,
        Err(Error::LimitExceeded(_))
    ));
    let role = NewRole {
        name: "r".into(),
        path: "/".into(),
        trust_policy: "{}".into(),
        description: None,
        max_session_s: 3600,
        tags: BTreeMap::new(),
    };
    iam::create_role(ctx, role).await?;
    assert!(iam::put_inline::<Role>(ctx, "r", "i", &"x".repeat(2_049)).await.is_ok());
    iam::detach::<User>(ctx, "shop", &policy.arn).await?;
    iam::delete_policy(ctx, &policy.arn).await
}

#[tokio::test]
async fn another_process_hears_of_a_change() -> Result<()> {
    let world = World::new();
    let stores = world.ctx.stores.clone();
    let identities = std::sync::Arc::new(Identities::default());
    let followed = identities.clone();
    let follower = tokio::spawn(async move { followed.follow(&stores, Duration::from_millis(20)).await });
    user(&world, "shop").await?;
    let key = create_access_key(&world.ctx, "shop").await?;
    for _ in 0..500 {
        if identities.secret(&key.id, 0).is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    follower.abort();
    assert!(identities.secret(&key.id, 0).is_some());
    Ok(())
}
