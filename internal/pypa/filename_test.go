package pypa

import "testing"

func TestVersionOfFilename(t *testing.T) {
	tests := []struct{ file, project, version, kind string }{
		{"urllib3-2.6.3-py3-none-any.whl", "urllib3", "2.6.3", "bdist_wheel"},
		{"urllib3-2.6.3.tar.gz", "urllib3", "2.6.3", "sdist"},
		{"numpy-1.26.4-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "numpy", "1.26.4", "bdist_wheel"},
		{"torch-2.1.0-1-cp311-cp311-linux_x86_64.whl", "torch", "2.1.0", "bdist_wheel"},
		{"zope.interface-5.0.0.tar.gz", "zope-interface", "5.0.0", "sdist"},
		{"zope_interface-7.2-cp313-cp313-win_amd64.whl", "Zope.Interface", "7.2", "bdist_wheel"},
		{"python-dateutil-1.5.tar.bz2", "python-dateutil", "1.5", "sdist"},
		{"Foo-2-1.0.zip", "foo-2", "1.0", "sdist"},
		{"foo-2-1.0.zip", "foo", "2-1.0", "sdist"},
		{"setuptools-0.6c11-py2.7.egg", "setuptools", "0.6c11", "bdist_egg"},
		{"lxml-2.3-py2.7-win32.egg", "lxml", "2.3", "bdist_egg"},
		{"psycopg2-2.4.5.win-amd64-py2.7.exe", "psycopg2", "2.4.5", "bdist_wininst"},
		{"Pillow-1.7.8.win32.exe", "pillow", "1.7.8", "bdist_wininst"},
		{"pywin32-220.win32-py3.5.msi", "pywin32", "220", "bdist_msi"},
		{"pkg-1.0.linux-x86_64.tar.gz", "pkg", "1.0", "bdist_dumb"},
		{"pkg-1.0.macosx-10.4-i386.tar.gz", "pkg", "1.0", "bdist_dumb"},
		{"pkg-1.0-1.noarch.rpm", "pkg", "1.0", "bdist_rpm"},
		{"pkg-1.0-1.src.rpm", "pkg", "1.0", "bdist_rpm"},
		{"pkg-2013-01-21T20_33_09_0100.tar.gz", "pkg", "2013-01-21T20_33_09_0100", "sdist"},
	}
	for _, tt := range tests {
		version, kind, ok := VersionOfFilename(tt.file, tt.project)
		if !ok || version != tt.version || kind != tt.kind {
			t.Errorf("VersionOfFilename(%q, %q) = %q, %q, %t; want %q, %q", tt.file, tt.project, version, kind, ok, tt.version, tt.kind)
		}
	}
	for _, bad := range [][2]string{
		{"urllib3-2.6.3.tar.gz", "requests"},
		{"urllib3.tar.gz", "urllib3"},
		{"urllib3-.tar.gz", "urllib3"},
		{"urllib3-2.6.3-any.whl", "urllib3"},
		{"urllib3-2.6.3.exe.asc", "urllib3"},
		{"urllib3-../../etc.zip", "urllib3"},
		{"", ""},
		{"-1.0.zip", ""},
	} {
		if version, kind, ok := VersionOfFilename(bad[0], bad[1]); ok {
			t.Errorf("VersionOfFilename(%q, %q) = %q, %q; want not ok", bad[0], bad[1], version, kind)
		}
	}
}

func FuzzVersionOfFilename(f *testing.F) {
	f.Add("urllib3-2.6.3-py3-none-any.whl", "urllib3")
	f.Add("a-1.linux-x.tar.gz", "a")
	f.Add("-.rpm", "")
	f.Fuzz(func(t *testing.T, file, project string) {
		version, kind, ok := VersionOfFilename(file, project)
		if ok != (version != "") || ok != (kind != "") {
			t.Errorf("VersionOfFilename(%q, %q) = %q, %q, %t", file, project, version, kind, ok)
		}
	})
}
