import { useHotkeys } from '@mantine/hooks';
import { CodeXml, FileInput, KeyRound, LayoutDashboard, type LucideIcon, Users } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { Logo } from '../parts/logo.tsx';
import { routes } from '../routes.ts';
import { useSession } from '../session/use-session.ts';
import { texts } from '../texts/index.ts';
import { AccountMenu } from './account-menu.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { JobTray } from './job-tray.tsx';
import classes from './shell.module.css';
import { isHelpOpen, Shortcuts } from './shortcuts.tsx';

const words = texts.shell;

const PAGES: { href: string; name: string; icon: LucideIcon }[] = [
  { href: routes.overview, name: words.pages.overview, icon: LayoutDashboard },
  { href: routes.audiences, name: words.pages.audiences, icon: Users },
  { href: routes.imports, name: words.pages.imports, icon: FileInput },
  { href: routes.keys, name: words.pages.keys, icon: KeyRound },
  { href: routes.api, name: words.pages.api, icon: CodeXml },
];

/** What is around every page: navigation, who is signed in, and whether the server is there. */
export function Shell({ children }: { children: ReactNode }) {
  const [place] = useLocation();
  const { account } = useSession();
  const main = useRef<HTMLElement>(null);
  const lastPlace = useRef(place);

  // A new page begins at its top, for eyes as for screen readers.
  useEffect(() => {
    if (lastPlace.current === place) return;
    lastPlace.current = place;
    main.current?.parentElement?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place]);

  useHotkeys([['mod+/', () => isHelpOpen.set(true)]]);

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {words.skip}
      </a>
      <nav aria-label={words.navigation} className={classes.side}>
        <Link href={routes.overview} className={classes.brand}>
          <Logo size={26} />
          <span>{texts.product}</span>
        </Link>
        <bdi className={classes.accountName}>{account.name}</bdi>
        <div className={classes.pages}>
          {PAGES.map(({ href, name, icon: Icon }) => (
            <Link key={href} href={href} className={classes.link} aria-current={isAt(place, href) ? 'page' : undefined}>
              <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
              <span>{name}</span>
            </Link>
          ))}
        </div>
        <div className={classes.account}>
          <AccountMenu />
        </div>
      </nav>
      <div className={classes.content}>
        <ConnectionBanner />
        <main id="main" ref={main} tabIndex={-1} className={classes.main}>
          {children}
        </main>
      </div>
      <JobTray />
      <Shortcuts />
    </div>
  );
}

function isAt(place: string, href: string): boolean {
  if (href === routes.overview) return place === href;
  // An import's page lies under its audience, and belongs to the imports all the same.
  const section = /^\/audiences\/[^/]+\/imports?(?:\/|$)/.test(place) ? routes.imports : place;
  return section === href || section.startsWith(`${href}/`);
}
