package pypa

import "strings"

// VersionOfFilename reads the version and the packagetype, in PyPI's words
// (sdist, bdist_wheel, bdist_egg, bdist_wininst, bdist_msi, bdist_rpm,
// bdist_dmg, bdist_dumb), from the name of a distribution file of a project.
// The version is returned as the file writes it, where "-" may have become "_".
// It is not ok when the name is not of that project or of no known form.
func VersionOfFilename(filename, project string) (version, packagetype string, ok bool) {
	project = Normalize(project)
	base, kind := cutExtension(filename)
	if kind == "" || project == "" {
		return "", "", false
	}
	rest, ok := cutProject(base, project)
	if !ok {
		return "", "", false
	}
	switch kind {
	case "bdist_wheel":
		version, ok = wheelVersion(rest)
	case "bdist_egg":
		version = cutPlatform(cutPython(rest))
	case "bdist_rpm":
		version, ok = rpmVersion(rest)
	case "sdist":
		version = cutPlatform(rest)
		if version != rest {
			kind = "bdist_dumb"
		}
	default:
		version = cutPlatform(cutPython(rest))
	}
	if !ok || version == "" || !isAlnum(version[0]) {
		return "", "", false
	}
	return version, kind, true
}

// extensions are those that PyPI accepts or once accepted, with the
// packagetype each stands for. An archive that names a platform is a bdist_dumb.
var extensions = [...]struct{ ext, kind string }{
	{".whl", "bdist_wheel"},
	{".tar.gz", "sdist"},
	{".zip", "sdist"},
	{".egg", "bdist_egg"},
	{".tar.bz2", "sdist"},
	{".tar.xz", "sdist"},
	{".tar.Z", "sdist"},
	{".tgz", "sdist"},
	{".tbz", "sdist"},
	{".tar", "sdist"},
	{".exe", "bdist_wininst"},
	{".msi", "bdist_msi"},
	{".rpm", "bdist_rpm"},
	{".dmg", "bdist_dmg"},
}

func cutExtension(filename string) (base, kind string) {
	for _, e := range extensions {
		if base, ok := strings.CutSuffix(filename, e.ext); ok {
			return base, e.kind
		}
	}
	return "", ""
}

// cutProject cuts the project's name, in any spelling, and the "-" after it.
func cutProject(base, project string) (rest string, ok bool) {
	for i := len(project); i < len(base); i++ {
		if base[i] == '-' && Normalize(base[:i]) == project {
			return base[i+1:], true
		}
	}
	return "", false
}

// wheelVersion reads version[-build]-python-abi-platform (PEP 427).
func wheelVersion(s string) (string, bool) {
	n := strings.Count(s, "-")
	version, _, _ := strings.Cut(s, "-")
	return version, n == 3 || n == 4
}

// rpmVersion reads version-release.architecture.
func rpmVersion(s string) (string, bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", false
	}
	return s[:i], true
}

// cutPython cuts "-py2.7" and what follows it.
func cutPython(s string) string {
	for i := 0; i+3 < len(s); i++ {
		if s[i] == '-' && s[i+1] == 'p' && s[i+2] == 'y' && isDigit(s[i+3]) {
			return s[:i]
		}
	}
	return s
}

// platforms are the beginnings of distutils' platform names.
var platforms = [...]string{".linux-", ".macosx-", ".darwin-", ".win32", ".win-", ".cygwin", ".freebsd-", ".openbsd-", ".solaris-", ".noarch"}

// cutPlatform cuts a platform name such as ".linux-x86_64" or ".win32".
func cutPlatform(s string) string {
	for _, p := range platforms {
		if i := strings.Index(s, p); i > 0 {
			return s[:i]
		}
	}
	return s
}
