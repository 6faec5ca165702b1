package site

import (
	"flag"
	"testing"
)

// Which address stands in the QR code when nobody named one.
func TestBestAddress(t *testing.T) {
	const local = "http://localhost:8080"
	far := Reach{"internet", "eth1", "http://198.51.100.7:8080", true}
	wifi := Reach{"lan", "wlan0", "http://192.168.1.5:8080", true}
	six := Reach{"lan", "wlan0", "http://[fd00::2]:8080", true}
	mute := Reach{"lan", "eth0", "http://10.0.0.9:8080", false}
	self := Reach{"machine", "", local, true}
	for _, x := range []struct {
		name string
		list []Reach
		want string
	}{
		{"nothing but this machine", []Reach{self}, local},
		{"one that does not answer is never taken", []Reach{self, mute}, local},
		{"the hall before the Internet", []Reach{self, far, wifi}, wifi.URL},
		{"IPv4 before IPv6", []Reach{self, six, wifi}, wifi.URL},
		{"a network with IPv6 only", []Reach{self, six}, six.URL},
		{"a server", []Reach{self, far}, far.URL},
	} {
		if got := best(x.list, local); got != x.want {
			t.Errorf("%s: %s, not %s", x.name, got, x.want)
		}
	}
}

// A setting that cannot be read is said, not passed over.
func TestPlainCrewFromEnvironment(t *testing.T) {
	for v, want := range map[string]string{"yes": "true", "TRUE": "true", "no": "false", "": "false", "perhaps": "error"} {
		t.Setenv("OPENMIC_PLAIN_CREW", v)
		var s Settings
		s.Flags(flag.NewFlagSet("", flag.ContinueOnError), t.TempDir())
		got := map[bool]string{true: "true", false: "false"}[s.PlainCrew]
		if s.Check() != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s", v, got)
		}
	}
}
