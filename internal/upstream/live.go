package upstream

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// refusal says where we will not go.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

// newLive returns the transport to the internet: HTTP/2 where offered, gzip,
// and no connection to an address that is not public, whatever name or
// redirect leads there. Only a proxy that the environment names (HTTPS_PROXY) may
// be private; what lies behind it is the proxy's to decide.
func newLive(t Timeouts) *http.Transport {
	public := &net.Dialer{Timeout: t.Connect, Control: controlPublic}
	direct := &net.Dialer{Timeout: t.Connect}
	proxyFor := httpproxy.FromEnvironment().ProxyFunc()
	proxy := proxyAddress(proxyFor)
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return proxyFor(r.URL) },
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if proxy != "" && address == proxy {
				return direct.DialContext(ctx, network, address)
			}
			return public.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    t.Connect,
		ResponseHeaderTimeout:  t.Answer,
		MaxResponseHeaderBytes: 1 << 20,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
	}
}

// proxyAddress is the host and port of the proxy for https, "" without one.
func proxyAddress(proxyFor func(*url.URL) (*url.URL, error)) string {
	u, err := proxyFor(&url.URL{Scheme: "https", Host: "pypi.org"})
	if err != nil || u == nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// controlPublic refuses a connection by the address it is about to be made to,
// so that no name can lead elsewhere between a check and its use.
func controlPublic(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &refusal{fmt.Sprintf("address %q cannot be checked", address)}
	}
	if !isPublic(ap.Addr()) {
		return &refusal{fmt.Sprintf("%s is not a public address", ap.Addr())}
	}
	return nil
}

// notPublic are the ranges that netip does not know as special but that are not
// the public internet (IANA special-purpose registries).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/32"), // Teredo embeds an address of its own
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4, likewise
	netip.MustParsePrefix("fec0::/10"),
}

// nat64 embeds an IPv4 address in its last four bytes.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// checkRedirect holds redirects to questions that may be asked elsewhere, to a
// small number, and to targets on the public internet.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method == http.MethodPost {
		return &refusal{fmt.Sprintf("redirected to %s, where a posted question is not taken", req.URL.Redacted())}
	}
	if len(via) > maxRedirects {
		return &refusal{fmt.Sprintf("redirected more than %d times", maxRedirects)}
	}
	return checkTarget(req.URL)
}

// checkTarget refuses a target of a redirect that is not https, or that is the
// address of a private network. On the internet names are checked again when
// they are dialled.
func checkTarget(to *url.URL) error {
	host := strings.TrimSuffix(to.Hostname(), ".")
	if to.Scheme != "https" {
		return &refusal{fmt.Sprintf("redirected to %s, which is not https", to.Redacted())}
	}
	if a, err := netip.ParseAddr(host); err == nil && !isPublic(a) {
		return &refusal{fmt.Sprintf("redirected to %s, which is not a public address", host)}
	}
	if !strings.Contains(host, ".") && !strings.Contains(host, ":") || strings.HasSuffix(host, ".localhost") {
		return &refusal{fmt.Sprintf("redirected to %s, which is not a public host", host)}
	}
	return nil
}
