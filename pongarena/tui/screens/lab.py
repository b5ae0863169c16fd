from pongarena.tui.screens.library import LibraryScreen as LabScreen
