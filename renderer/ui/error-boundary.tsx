import { Component, type ErrorInfo, type ReactNode } from 'react';
import { toErrorData } from '../../shared/domain/result.ts';
import { ErrorState } from './states.tsx';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly thrown: { readonly error: unknown; readonly where: string } | null;
}

/** Keeps a screen that broke from taking the frame, the clock and the other screens with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { thrown: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { thrown: { error, where: '' } };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    this.setState({ thrown: { error, where: info.componentStack ?? '' } });
  }

  override render(): ReactNode {
    const { thrown } = this.state;
    if (thrown === null) return this.props.children;
    const { code, details } = toErrorData(thrown.error);
    return (
      <ErrorState
        title="This screen failed"
        error={{
          code,
          message:
            'Nothing stored was changed, and the rest of the app goes on. Try again, or go to another screen.',
          details: `${details ?? ''}${thrown.where}`,
        }}
        onRetry={() => this.setState({ thrown: null })}
      />
    );
  }
}
