//! The entries of the side menu.

/// An entry of the side menu. A page names its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// The start.
    Home,
    /// Datasets, imports and schemas.
    Data,
    /// Solutions and their versions.
    Train,
    /// Versions side by side.
    Evaluate,
    /// Campaigns and recommenders.
    Deploy,
    /// Lists for a user.
    Try,
    /// Batch jobs.
    Batch,
    /// The server at work.
    Operate,
    /// The server.
    About,
}

impl Menu {
    /// The key of the entry's text.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Menu::Home => "menu-home",
            Menu::Data => "menu-data",
            Menu::Train => "menu-train",
            Menu::Evaluate => "menu-evaluate",
            Menu::Deploy => "menu-deploy",
            Menu::Try => "menu-try",
            Menu::Batch => "menu-batch",
            Menu::Operate => "menu-operate",
            Menu::About => "menu-about",
        }
    }

    /// The letter of the entry's keyboard shortcut, after `g`.
    pub(crate) fn letter(self) -> Option<&'static str> {
        match self {
            Menu::Home => Some("h"),
            Menu::Data => Some("d"),
            Menu::Train => Some("t"),
            Menu::Evaluate => Some("e"),
            Menu::Try => Some("y"),
            Menu::Deploy | Menu::Batch | Menu::Operate | Menu::About => None,
        }
    }
}

/// A page's place in the menu.
#[derive(Debug)]
pub(crate) struct MenuEntry {
    /// The entry.
    pub menu: Menu,
    /// The path of the page: below the console's, or below a dataset group's.
    pub path: &'static str,
    /// Whether it is below a dataset group's.
    pub of_group: bool,
}
