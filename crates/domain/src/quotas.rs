//! Quotas: how many resources may be at once. The numbers are the operator's; the defaults are AWS's where clients wait for
//! a free place, and larger where AWS's small numbers only annoy.

/// Resources at once, per region of the account or per dataset group. Those being deleted do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Schemas of a region.
    pub schemas: usize,
    /// Dataset groups of a region.
    pub dataset_groups: usize,
    /// Import jobs of a region that are pending or in progress.
    pub import_jobs_pending: usize,
    /// Solution versions of a region that are pending or in progress.
    pub solution_versions_pending: usize,
    /// Batch inference jobs of a region that are pending or in progress.
    pub batch_inference_jobs_pending: usize,
    /// Batch segment jobs of a region that are pending or in progress.
    pub batch_segment_jobs_pending: usize,
    /// Export jobs of a region that are pending or in progress.
    pub export_jobs_pending: usize,
    /// Data deletion jobs of a dataset group that are pending.
    pub data_deletion_jobs_pending: usize,
    /// Solutions of a dataset group.
    pub solutions_per_group: usize,
    /// Campaigns of a dataset group.
    pub campaigns_per_group: usize,
    /// Recommenders of a dataset group.
    pub recommenders_per_group: usize,
    /// Filters of a dataset group.
    pub filters_per_group: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            schemas: 5_000,
            dataset_groups: 5_000,
            import_jobs_pending: 5,
            solution_versions_pending: 20,
            batch_inference_jobs_pending: 5,
            batch_segment_jobs_pending: 5,
            export_jobs_pending: 5,
            data_deletion_jobs_pending: 5,
            solutions_per_group: 100,
            campaigns_per_group: 100,
            recommenders_per_group: 100,
            filters_per_group: 30,
        }
    }
}
