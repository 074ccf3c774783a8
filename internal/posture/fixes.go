package posture

import (
	"embed"
	"slices"
)

// Fix is what a maintainer of a project on PyPI can do about one check, beside
// the remediation of Scorecard's documentation. It is plain text.
type Fix struct {
	Steps []string  // sentences, in order
	Files []FixFile // to copy; what stands in <angle brackets> is to be filled in
	Links []FixLink
	// NotYours says why a low score may not be something a maintainer can fix; ""
	// when it is.
	NotYours string
}

// FixFile is a file for a project's repository.
type FixFile struct {
	Path string // in the repository
	Body string
}

// FixLink is where more is said.
type FixLink struct{ Text, URL string }

// FixFor returns what can be done about a check: an empty Fix for one that
// nobody knows.
func FixFor(check string) Fix { return fixes[check].clone() }

// ResultFix returns how a repository gets a result of Scorecard that is public
// and stays fresh.
func ResultFix() Fix { return resultFix.clone() }

func (f Fix) clone() Fix {
	f.Steps, f.Files, f.Links = slices.Clone(f.Steps), slices.Clone(f.Files), slices.Clone(f.Links)
	return f
}

// files are the bodies, as files so that an editor checks them.
//
//go:embed fixes
var files embed.FS

// file returns a file whose body is that of some embedded ones, one after the
// other. The names are ours, and a test reads all.
func file(path string, bodies ...string) FixFile {
	f := FixFile{Path: path}
	for _, name := range bodies {
		b, err := files.ReadFile("fixes/" + name)
		if err != nil {
			return FixFile{}
		}
		f.Body += string(b)
	}
	return f
}

// hashes is how a placeholder of a commit is filled in.
const hashes = "Where the files say <full commit hash>, choose a version of the action and look its commit up: git ls-remote https://github.com/actions/checkout 'vX.Y.Z*' prints it; the line that ends in ^{} has the commit where there are two."

// pinned is how the tools of a workflow are pinned.
const pinned = "Pin what workflows install: list the tools in a .in file, make the file with hashes with pip-compile --generate-hashes or uv pip compile --generate-hashes, and install it with pip install --require-hashes -r."

var trustedPublishers = FixLink{"Trusted Publishers on PyPI", "https://docs.pypi.org/trusted-publishers/"}

var resultFix = Fix{
	Steps: []string{
		"Run Scorecard's own action with publish_results: true. It publishes the result of the default branch after every push and every week; a fork or a private repository has none.",
		hashes,
	},
	Files: []FixFile{file(".github/workflows/scorecard.yml", "scorecard.yml")},
	Links: []FixLink{{"Scorecard's action", "https://github.com/ossf/scorecard-action"}},
}

var fixes = map[string]Fix{
	"Binary-Artifacts": {
		Steps: []string{
			"List what is kept: git ls-files | grep -E '\\.(pyc|pyd|so|dll|dylib|exe|jar|whl|egg)$'.",
			"Remove compiled files and wheels from the repository, and build them in the workflow that publishes the release.",
			"Ignore them from then on.",
			"A binary that is test data is no fault: say so in scorecard.yml. The score stays, the annotation is shown with it where the result carries annotations.",
		},
		Files: []FixFile{file(".gitignore", "ignore.txt"), file("scorecard.yml", "annotations.yml")},
		Links: []FixLink{{"Annotations of maintainers", "https://github.com/ossf/scorecard/blob/main/config/README.md"}},
	},
	"Branch-Protection": {
		Steps: []string{
			"On GitHub open Settings, Rules, Rulesets, New ruleset, Import a ruleset, and import this file.",
			"With a single maintainer set required_approving_review_count to 0 and require_last_push_approval to false: force pushes and deletion stay forbidden, which is the first level of the check.",
			"Then add the status checks that a pull request must pass: Require status checks to pass, and name your test jobs.",
		},
		Files:    []FixFile{file("ruleset.json", "ruleset.json")},
		Links:    []FixLink{{"Rulesets on GitHub", "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets"}},
		NotYours: "Scans from outside cannot see every setting of classic branch protection; rulesets are public. The highest levels ask for two reviewers, which a single maintainer cannot have.",
	},
	"CI-Tests": {
		Steps: []string{"Run the tests on every pull request, and merge through pull requests: only checks on merged ones are counted.", pinned, hashes},
		Files: []FixFile{file(".github/workflows/tests.yml", "tests.yml")},
	},
	"CII-Best-Practices": {
		Steps: []string{
			"Apply for the badge: the questions take an hour or two, and answers can be saved. In progress scores 2, passing 5, silver 7, gold 10.",
		},
		Links:    []FixLink{{"OpenSSF Best Practices badge", "https://www.bestpractices.dev/"}},
		NotYours: "It asks for the OpenSSF Best Practices badge, for which a project has to apply; gold needs several maintainers.",
	},
	"Code-Review": {
		Steps: []string{
			"Merge by pull request, and have each approved by a second person before it is merged.",
			"Changes by bots count too: approve the pull requests of Dependabot rather than push them through.",
		},
		NotYours: "It depends on how many recent changes a second person approved; with a single maintainer it may not be something you can fix.",
	},
	"Contributors": {
		NotYours: "It counts the organisations that contributors name in their profiles, which a maintainer hardly decides.",
	},
	"Dangerous-Workflow": {
		Steps: []string{
			"Replace pull_request_target and workflow_run by pull_request wherever the workflow checks out or builds the pull request.",
			"Never write ${{ github.event… }} inside run: put the value into env and use the variable in quotes.",
			"Look for both with a linter for workflows, such as zizmor: uvx zizmor .github/workflows.",
		},
		Files: []FixFile{file(".github/workflows/title.yml", "untrusted.yml")},
		Links: []FixLink{{"Preventing pwn requests", "https://securitylab.github.com/research/github-actions-preventing-pwn-requests/"}, {"zizmor", "https://docs.zizmor.sh/"}},
	},
	"Dependency-Update-Tool": {
		Steps: []string{"Add this file to the default branch. It keeps pinned actions and hashed requirements up to date, which makes pinning bearable."},
		Files: []FixFile{file(".github/dependabot.yml", "dependabot.yml")},
		Links: []FixLink{{"Dependabot's options", "https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference"}, {"Renovate", "https://docs.renovatebot.com/"}},
	},
	"Fuzzing": {
		Steps: []string{
			"Of Python code Scorecard sees a harness for Atheris, ClusterFuzzLite in the repository, and projects that OSS-Fuzz runs. Property tests with Hypothesis are worth having; the check does not count them.",
			"Write a harness for what reads untrusted input: parsers, decoders, anything with bytes or text from outside.",
			"Run it in OSS-Fuzz if the project is widely used, else by ClusterFuzzLite on pull requests.",
		},
		Files:    []FixFile{file("fuzz/fuzz_parse.py", "fuzz.py")},
		Links:    []FixLink{{"Atheris", "https://github.com/google/atheris"}, {"OSS-Fuzz for Python", "https://google.github.io/oss-fuzz/getting-started/new-project-guide/python-lang/"}, {"ClusterFuzzLite", "https://google.github.io/clusterfuzzlite/"}},
		NotYours: "It sees a few known fuzzing services and frameworks only, and a package without untrusted input has little to fuzz.",
	},
	"License": {
		Steps: []string{
			"Put the text of the licence into a file LICENSE at the top of the repository.",
			"Name it in pyproject.toml by its SPDX identifier, so that PyPI shows it and the file is in every release.",
		},
		Files: []FixFile{file("pyproject.toml", "licence.toml")},
		Links: []FixLink{{"SPDX identifiers", "https://spdx.org/licenses/"}, {"Licences in pyproject.toml", "https://packaging.python.org/en/latest/guides/writing-pyproject-toml/#license"}},
	},
	"Maintained": {
		Steps: []string{
			"A finished project says so: in its README, and on PyPI by the classifier Development Status :: 6 - Mature or :: 7 - Inactive.",
			"If it is not maintained any more, archive it on PyPI: its page then says so to everybody who installs it.",
		},
		Links:    []FixLink{{"Archiving a project on PyPI", "https://docs.pypi.org/project-management/archiving/"}},
		NotYours: "It counts commits and answered issues of the last 90 days; a finished project that needs no changes scores low, and so does every repository in its first 90 days.",
	},
	"Packaging": {
		Steps: []string{
			"Publish from a workflow with pypa/gh-action-pypi-publish: the check recognises the action, not twine or uv publish in a script.",
			"On PyPI open the project, Manage, Publishing, and add this repository, workflow release.yml and environment pypi as a Trusted Publisher; then delete the token.",
			hashes,
		},
		Files:    []FixFile{file(".github/workflows/release.yml", "release.yml")},
		Links:    []FixLink{trustedPublishers},
		NotYours: "It looks for a publishing workflow that it knows. A project that publishes in another way is inconclusive here, which is not a low score.",
	},
	"Pinned-Dependencies": {
		Steps: []string{
			"Pin every action by its full commit hash, with the version as a comment behind it, so that Dependabot updates both. " + hashes,
			pinned,
			"Do not pin the dependencies of a library in pyproject.toml: the check is about what builds, tests and releases it.",
			"Let Dependabot move the pins.",
		},
		Files: []FixFile{file(".github/requirements/build.in", "build.in"), file(".github/dependabot.yml", "dependabot.yml"), file(".github/workflows/tests.yml", "tests.yml")},
		Links: []FixLink{{"Secure installs of pip", "https://pip.pypa.io/en/stable/topics/secure-installs/"}, {"Hardening of GitHub Actions", "https://docs.github.com/en/actions/reference/security/secure-use"}},
	},
	"SAST": {
		Steps: []string{
			"Run CodeQL from a workflow. With the default set-up in the settings the check sees it only in the checks of merged pull requests; a workflow file is seen at once.",
			"Other analysers, such as Bandit or Ruff's rules of the same name, are worth running; the check may not count them.",
			hashes,
		},
		Files: []FixFile{file(".github/workflows/codeql.yml", "codeql.yml")},
		Links: []FixLink{{"CodeQL's action", "https://github.com/github/codeql-action"}},
	},
	"SBOM": {
		Steps: []string{
			"Make a bill of materials in the release workflow, for instance with cyclonedx-py environment --of JSON -o sbom.cdx.json in the environment that was built.",
			"Attach it to the release on the code host, where the check looks.",
		},
		Links:    []FixLink{{"CycloneDX for Python", "https://cyclonedx-bom-tool.readthedocs.io/"}},
		NotYours: "The check is experimental and few scans run it. A pure Python library with no bundled code has little to list.",
	},
	"Security-Policy": {
		Steps: []string{
			"On GitHub open Settings, Security, and enable private vulnerability reporting.",
			"Add this file at the top of the repository, with the address filled in. Text, a link, and a number of days are what the check counts.",
			"An organization can keep one file for all its repositories in a repository called .github.",
		},
		Files: []FixFile{file("SECURITY.md", "policy.md")},
		Links: []FixLink{{"Private vulnerability reporting", "https://docs.github.com/en/code-security/security-advisories/working-with-repository-security-advisories/configuring-private-vulnerability-reporting-for-a-repository"}, {"Project URLs on PyPI", "https://packaging.python.org/en/latest/specifications/well-known-project-urls/"}},
	},
	"Signed-Releases": {
		Steps: []string{
			"What protects those who install from PyPI is Trusted Publishing with attestations: the job publish of this workflow. Scorecard does not see it.",
			"What Scorecard sees is a file beside those of a release on GitHub: *.intoto.jsonl scores 10, a signature such as *.asc or *.sig scores 8. The job provenance attaches one.",
			"The score is the mean of the last five releases, so it rises with every release.",
			hashes,
		},
		Files:    []FixFile{file(".github/workflows/release.yml", "release.yml", "provenance.yml")},
		Links:    []FixLink{trustedPublishers, {"Attestations on PyPI", "https://docs.pypi.org/attestations/"}},
		NotYours: "Scorecard looks at the releases on the code host and does not see attestations on PyPI: a project that publishes with attestations can still stand at 0 here.",
	},
	"Token-Permissions": {
		Steps: []string{
			"Put “permissions: contents: read” at the top of every workflow, also of those that nobody uses.",
			"Give a job that must write its own permissions, and only those.",
			"On GitHub open Settings, Actions, General, and set the workflow permissions to read; the check cannot see that setting, so the files must say it too.",
		},
		Files: []FixFile{file(".github/workflows/<name>.yml", "permissions.yml")},
		Links: []FixLink{{"Permissions in workflows", "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions"}},
	},
	"Vulnerabilities": {
		Steps: []string{
			"See what is meant: run osv-scanner scan source . in the repository, or pip-audit in the environment.",
			"Raise the lower bound or the pin of the dependency that is affected, and refresh the lock file.",
			"Old lock files of tests, examples and documentation count too: remove what nobody uses.",
			"A finding that does not affect the project is said so in a file beside the manifest.",
		},
		Files:    []FixFile{file("osv-scanner.toml", "osv-scanner.toml")},
		Links:    []FixLink{{"OSV", "https://osv.dev/"}, {"pip-audit", "https://pypi.org/project/pip-audit/"}},
		NotYours: "A finding in a dependency without a fixed release waits for its maintainers.",
	},
	"Webhooks": {
		Steps:    []string{"On GitHub open Settings, Webhooks, and give every webhook a secret; check its signature where it arrives."},
		NotYours: "Only a scan by an administrator of the repository sees webhooks; scans from outside do not run this check.",
	},
}
