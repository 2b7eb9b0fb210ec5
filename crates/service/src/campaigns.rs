//! Campaigns: CREATE PENDING with a deployment job in the same commit. An update lives beside the old values, which keep
//! serving, until its own deployment ends.

use crate::lookup::{
    dataset_prefix, find, must_be_active, must_be_deletable, owner_of, refuse_existing, require, require_here,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page, solution_versions, tombstones};
use std::time::Duration;
use tastemaker_domain::arn::{Scope, solution_of_version};
use tastemaker_domain::campaign_config;
use tastemaker_domain::recipe::{Ability, Inference};
use tastemaker_domain::resource::{
    Campaign, CampaignConfig, CampaignUpdate, Dataset, JobKind, Solution, SolutionVersion,
};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, catalog, name};
use tastemaker_store::Transaction;
use tastemaker_store::records::{CAMPAIGNS_CHANNEL, JOBS_CHANNEL};

/// The rate of a campaign when the caller does not say.
const MIN_PROVISIONED_TPS_DEFAULT: u32 = 1;

/// The longest single wait for a deployment: a lost notification costs this much.
const DEPLOY_POLL: Duration = Duration::from_millis(50);

/// The customer's part of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCampaign {
    /// Unique among the region's campaigns.
    pub name: String,
    /// An ACTIVE version, or `<solution ARN>/$LATEST` for the newest ACTIVE one at this moment.
    pub solution_version_arn: String,
    /// At least 1, the default.
    pub min_provisioned_tps: Option<u32>,
    /// The settings by which it serves.
    pub config: Option<CampaignConfig>,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// A change by UpdateCampaign; a member not given keeps its value, a given configuration replaces the whole former one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CampaignChange {
    /// As in [`NewCampaign`].
    pub solution_version_arn: Option<String>,
    /// As in [`NewCampaign`].
    pub min_provisioned_tps: Option<u32>,
    /// As in [`NewCampaign`].
    pub config: Option<CampaignConfig>,
}

/// Deploys a solution version. Returns when the deployment has ended or [`Ctx::deploy_wait`] has passed.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewCampaign) -> Result<Campaign> {
    name::check(Member::Name, &new.name)?;
    let tps = provisioned(new.min_provisioned_tps.unwrap_or(MIN_PROVISIONED_TPS_DEFAULT))?;
    check_config(new.config.as_ref())?;
    check_sync(&new.solution_version_arn, new.config.as_ref())?;
    let arn = caller.scope.arn(&format!("campaign/{}", new.name));
    let (new, arn) = (&new, &arn);
    let campaign = ctx.transact(|tx| async move {
        let version = deployable(ctx, &tx, &caller.scope, &new.solution_version_arn).await?;
        check_recipe(&version, new.config.as_ref())?;
        check_metadata(ctx, &version, new.config.as_ref()).await?;
        refuse_existing::<Campaign>(ctx, arn).await?;
        let now = ctx.now();
        let campaign = Campaign {
            name: new.name.clone(),
            arn: arn.clone(),
            dataset_group_arn: version.dataset_group_arn,
            solution_version_arn: version.arn,
            min_provisioned_tps: tps,
            config: new.config.clone(),
            status: Status::CreatePending,
            failure_reason: None,
            latest_update: None,
            created_ms: now,
            updated_ms: now,
        };
        let within = Within::Group(&campaign.dataset_group_arn);
        let quota =
            Quota { key: "campaigns_per_group", what: "campaigns", max: ctx.quotas.campaigns_per_group, within };
        let counts = |c: &Campaign| c.dataset_group_arn == campaign.dataset_group_arn && !c.status.is_deleting();
        quotas::enforce(ctx, &tx, quota, counts).await?;
        tx.create_tagged(&campaign, &new.tags)?;
        tx.add_job(JobKind::Deploy, arn, now)?;
        Ok(campaign)
    });
    deployed(ctx, campaign.await?).await
}

/// Deploys another version or configuration; the campaign answers from the old one meanwhile. Returns when the deployment
/// has ended or [`Ctx::deploy_wait`] has passed.
pub async fn update(ctx: &Ctx, campaign_arn: &str, change: CampaignChange) -> Result<Campaign> {
    check_config(change.config.as_ref())?;
    let change = &change;
    let campaign = ctx.transact(|tx| async move {
        let (at, mut campaign) = require::<Campaign>(ctx, Member::CampaignArn, campaign_arn).await?;
        must_be_settled(&campaign, "updated")?;
        let scope = owner_of(campaign_arn).scope;
        let config = change.config.clone().or_else(|| campaign.config.clone());
        let wanted = match (&change.solution_version_arn, solution_of_version(&campaign.solution_version_arn)) {
            (Some(arn), _) => arn.clone(),
            (None, Some(solution)) if is_synchronized(&campaign) && follows(config.as_ref()) => {
                format!("{solution}/$LATEST")
            }
            (None, _) => campaign.solution_version_arn.clone(),
        };
        check_sync(&wanted, config.as_ref())?;
        let version = deployable(ctx, &tx, &scope, &wanted).await?;
        if version.dataset_group_arn != campaign.dataset_group_arn {
            let text = format!(
                "{}: {} belongs to {}, but campaign {campaign_arn} to {}.",
                Member::SolutionVersionArn,
                version.arn,
                version.dataset_group_arn,
                campaign.dataset_group_arn
            );
            return Err(Error::invalid(Member::SolutionVersionArn, text));
        }
        check_recipe(&version, config.as_ref())?;
        check_metadata(ctx, &version, config.as_ref()).await?;
        let now = ctx.now();
        campaign.latest_update = Some(CampaignUpdate {
            solution_version_arn: version.arn,
            min_provisioned_tps: provisioned(change.min_provisioned_tps.unwrap_or(campaign.min_provisioned_tps))?,
            config,
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        });
        tx.replace(at, &campaign)?;
        tx.add_job(JobKind::Deploy, campaign_arn, now)?;
        Ok(campaign)
    });
    deployed(ctx, campaign.await?).await
}

/// Neither being made nor being changed.
fn must_be_settled(campaign: &Campaign, done: &str) -> Result<()> {
    let arn = &campaign.arn;
    if !matches!(campaign.status, Status::Active | Status::CreateFailed) {
        return Err(Error::InUse(format!(
            "Resource {arn} is {}; it can be {done} when it is ACTIVE or CREATE FAILED.",
            campaign.status
        )));
    }
    match &campaign.latest_update {
        Some(update) if update.status.is_creating() => Err(Error::InUse(format!(
            "Resource {arn} has an update that is {}; it can be {done} when the update has ended.",
            update.status
        ))),
        _ => Ok(()),
    }
}

fn provisioned(tps: u32) -> Result<u32> {
    match tps {
        0 => {
            let text = format!("{} must be at least 1, not 0.", Member::MinProvisionedTps);
            Err(Error::invalid(Member::MinProvisionedTps, text))
        }
        tps => Ok(tps),
    }
}

fn check_config(config: Option<&CampaignConfig>) -> Result<()> {
    let Some(config) = config else { return Ok(()) };
    campaign_config::check_exploration(
        Member::CampaignConfig.then(Member::ItemExplorationConfig),
        &config.item_exploration_config,
    )?;
    campaign_config::check_influence(Member::CampaignConfig.then(Member::RankingInfluence), &config.ranking_influence)
}

/// The rules that follow from the version's recipe.
fn check_recipe(version: &SolutionVersion, config: Option<&CampaignConfig>) -> Result<()> {
    let Some(recipe) = catalog::by_arn(&version.recipe_arn) else { return Ok(()) };
    if recipe.inference() == Inference::Segments {
        let text = format!(
            "{}: recipe {} makes segments of users, by CreateBatchSegmentJob; no campaign can deploy it.",
            Member::SolutionVersionArn,
            recipe.name
        );
        return Err(Error::invalid(Member::SolutionVersionArn, text));
    }
    if config.is_some_and(|config| !config.ranking_influence.is_empty()) && !recipe.can(Ability::RankingInfluence) {
        let member = Member::CampaignConfig.then(Member::RankingInfluence);
        let text = format!("{member} applies to the recipe aws-semantic-similarity only, not to {}.", recipe.name);
        return Err(Error::invalid(member, text));
    }
    Ok(())
}

/// A campaign that follows its solution must name the solution, not a version.
fn check_sync(version_arn: &str, config: Option<&CampaignConfig>) -> Result<()> {
    if !follows(config) || version_arn.ends_with("/$LATEST") {
        return Ok(());
    }
    let member = Member::CampaignConfig.then(Member::SyncWithLatestSolutionVersion);
    let version = Member::SolutionVersionArn;
    let text = format!("{member} needs a {version} of the form <solution ARN>/$LATEST, not {version_arn}.");
    Err(Error::invalid(member, text))
}

/// Whether the campaign deploys newer versions of its solution by itself.
pub(crate) fn is_synchronized(campaign: &Campaign) -> bool {
    follows(campaign.config.as_ref())
}

fn follows(config: Option<&CampaignConfig>) -> bool {
    config.and_then(|c| c.sync_with_latest_solution_version) == Some(true)
}

/// Updates a synchronized campaign to the newest ACTIVE version of its solution; `false` if it has that, if deploying that has
/// failed, or if the campaign is being changed.
pub(crate) async fn follow(ctx: &Ctx, campaign_arn: &str) -> Result<bool> {
    ctx.transact(|tx| async move {
        let (at, mut campaign) = require::<Campaign>(ctx, Member::CampaignArn, campaign_arn).await?;
        let Some(solution_arn) = solution_of_version(&campaign.solution_version_arn) else { return Ok(false) };
        if !is_synchronized(&campaign) || must_be_settled(&campaign, "").is_err() {
            return Ok(false);
        }
        let scope = owner_of(campaign_arn).scope;
        let version = deployable(ctx, &tx, &scope, &format!("{solution_arn}/$LATEST")).await?;
        let tried = campaign.latest_update.as_ref().is_some_and(|update| update.solution_version_arn == version.arn);
        if version.arn == campaign.solution_version_arn || tried {
            tx.abandon();
            return Ok(false);
        }
        let now = ctx.now();
        campaign.latest_update = Some(CampaignUpdate {
            solution_version_arn: version.arn,
            min_provisioned_tps: campaign.min_provisioned_tps,
            config: campaign.config.clone(),
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        });
        tx.replace(at, &campaign)?;
        tx.add_job(JobKind::Deploy, campaign_arn, now)?;
        Ok(true)
    })
    .await
}

/// Items can carry metadata only if there are items.
async fn check_metadata(ctx: &Ctx, version: &SolutionVersion, config: Option<&CampaignConfig>) -> Result<()> {
    if config.and_then(|c| c.enable_metadata_with_recommendations) != Some(true) {
        return Ok(());
    }
    let group = &version.dataset_group_arn;
    let items = format!("{}{}", dataset_prefix(group), DatasetType::Items.as_str());
    match find::<Dataset>(ctx, &items).await? {
        Some((_, dataset)) if !dataset.status.is_deleting() => Ok(()),
        _ => {
            let member = Member::CampaignConfig.then(Member::EnableMetadataWithRecommendations);
            let text = format!("{member} needs an Items dataset; {group} has none.");
            Err(Error::invalid(member, text))
        }
    }
}

/// The ACTIVE version that `arn` names, and makes the transaction fail if its solution is deleted meanwhile.
async fn deployable(ctx: &Ctx, tx: &Transaction, scope: &Scope, arn: &str) -> Result<SolutionVersion> {
    const MEMBER: Member = Member::SolutionVersionArn;
    if ArnKind::Solution.fits(arn) {
        return Err(Error::NotFound(format!(
            "Resource {arn} is a solution, not a solution version; append '/$LATEST' or a version's id."
        )));
    }
    ArnKind::SolutionVersion.check(MEMBER, arn)?;
    let solution_arn = solution_of_version(arn).ok_or_else(|| Error::unknown(arn))?;
    let caller = Caller { scope: scope.clone() };
    let (solution_at, solution) = match require_here::<Solution>(ctx, &caller, MEMBER, solution_arn).await {
        Err(Error::NotFound(_)) => return Err(Error::unknown(arn)),
        other => other?,
    };
    let version = if arn.ends_with("/$LATEST") {
        solution_versions::latest_active(ctx, solution_arn).await?
    } else {
        require::<SolutionVersion>(ctx, MEMBER, arn).await?.1
    };
    if matches!(version.status, Status::CreateFailed | Status::CreateStopped) {
        let text = format!("{MEMBER}: {arn} is {} and can never be deployed.", version.status);
        return Err(Error::invalid(MEMBER, text));
    }
    must_be_active(&version.arn, version.status)?;
    tx.touch(solution_at, &solution)?;
    Ok(version)
}

/// Waits for the deployment, so that the first Describe usually says ACTIVE; returns the campaign as it was last seen.
async fn deployed(ctx: &Ctx, mut campaign: Campaign) -> Result<Campaign> {
    let mut left = ctx.deploy_wait;
    while left > Duration::ZERO && must_be_settled(&campaign, "").is_err() {
        let wait = left.min(DEPLOY_POLL);
        ctx.stores.wakeups.wait(CAMPAIGNS_CHANNEL, wait).await;
        left -= wait;
        match find::<Campaign>(ctx, &campaign.arn).await? {
            Some((_, found)) => campaign = found,
            None => break,
        }
    }
    Ok(campaign)
}

/// The campaign with this ARN.
pub async fn describe(ctx: &Ctx, campaign_arn: &str) -> Result<Campaign> {
    tombstones::describe(ctx, Member::CampaignArn, campaign_arn).await
}

/// The region's campaigns, or those that deploy a version of one solution, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, solution_arn: Option<&str>, page: Page) -> Result<Listed<Campaign>> {
    let filter = solution_arn.map(|arn| (Member::SolutionArn, ArnKind::Solution, arn));
    let query = Query { operation: "ListCampaigns", filter, order: Order::OldestFirst };
    let keep = |c: &Campaign| solution_arn.is_none_or(|arn| solution_of_version(&c.solution_version_arn) == Some(arn));
    paging::list(ctx, caller, query, page, keep).await
}

/// Removes a campaign; those who serve it notice by its absence.
pub async fn delete(ctx: &Ctx, campaign_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let Some((version, campaign)) =
            tombstones::deletable::<Campaign>(ctx, Member::CampaignArn, campaign_arn).await?
        else {
            return Ok(());
        };
        must_be_deletable(&campaign.arn, campaign.status)?;
        must_be_settled(&campaign, "deleted")?;
        tombstones::remove(ctx, &tx, version, &campaign).await?;
        tx.notify(JOBS_CHANNEL);
        Ok(())
    })
    .await
}
